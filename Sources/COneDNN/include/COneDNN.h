#ifndef ATHANOR_CONEDNN_H
#define ATHANOR_CONEDNN_H

#include <oneapi/dnnl/dnnl.h>

#endif
