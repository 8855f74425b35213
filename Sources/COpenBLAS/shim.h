#include <cblas.h>

// LAPACK's own interface, which OpenBLAS carries but does not declare: matrices are column-major.
void dgesv_(const int *n, const int *columns, double *a, const int *lda, int *pivots, double *b,
            const int *ldb, int *info);
void dsyev_(const char *job, const char *triangle, const int *n, double *a, const int *lda,
            double *eigenvalues, double *work, const int *workLength, int *info);
