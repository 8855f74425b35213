#ifndef ATHANOR_CONEDNN_H
#define ATHANOR_CONEDNN_H

#include <stddef.h>

// The oneDNN primitives that the kernels use, behind one C API for oneDNN 2 and 3. All tensors are
// f32; activations are nhwc, convolution weights oihw (goihw in groups), vectors plain. Where a
// primitive wants its weights in another layout, the operation reorders them inside.
//
// Every function that returns int returns dnnl_status_t: 0 on success.

/// A created primitive with the memories it runs on. Not safe to execute from two threads at once.
typedef struct athanor_dnnl_op athanor_dnnl_op;

enum athanor_dnnl_direction {
  ATHANOR_DNNL_FORWARD = 0,
  ATHANOR_DNNL_BACKWARD_DATA = 1,
  ATHANOR_DNNL_BACKWARD_WEIGHTS = 2,
};

/// Sizes of a windowed operation: source [n,h,w,c], destination [n,oh,ow,oc].
typedef struct {
  int n, h, w, c;
  int oh, ow, oc;
  int kh, kw, stride, pad;
  int dilation;  // pixels from one tap of the kernel to the next: 1 for a dense kernel
  int groups;    // of channels, each convolved alone; pooling reads neither
} athanor_dnnl_geometry;

/// Buffers, in order. Forward: src, weights, dst, bias. Backward data: diff_dst, weights, diff_src.
/// Backward weights: src, diff_dst, diff_weights, diff_bias. The bias stands only where `bias`.
int athanor_dnnl_convolution(athanor_dnnl_op **op, int direction, athanor_dnnl_geometry geometry,
                             int bias, int relu);

/// Buffers, in order. Forward: src, dst, workspace. Backward: diff_dst, diff_src, workspace.
int athanor_dnnl_max_pooling(athanor_dnnl_op **op, int direction, athanor_dnnl_geometry geometry);

/// Bytes of the workspace that forward leaves for backward.
size_t athanor_dnnl_workspace_size(const athanor_dnnl_op *op);

/// Runs the primitive on `buffers`, in the order stated at its creation. Where `is_packed`, the weights are
/// in the primitive's own layout already.
int athanor_dnnl_execute(athanor_dnnl_op *op, void *const *buffers, int is_packed);

/// Bytes of the weights in the primitive's own layout; 0 where that is the plain one.
size_t athanor_dnnl_packed_size(athanor_dnnl_op *op);

/// Brings plain weights into the primitive's own layout.
int athanor_dnnl_pack(athanor_dnnl_op *op, void *weights, void *packed);

void athanor_dnnl_destroy(athanor_dnnl_op *op);

/// The library's version, for example 20603 for 2.6.3.
int athanor_dnnl_version(void);

/// Whether backward data is slower than forward for the same work, as oneDNN 2 has it on Intel's AVX-512
/// processors.
int athanor_dnnl_backward_data_lags(void);

#endif
