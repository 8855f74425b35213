#include "COneDNN.h"

#include <oneapi/dnnl/dnnl.h>
#include <stdlib.h>
#include <string.h>

// oneDNN 2 passes memory descriptors by value and makes a primitive descriptor from an operation
// descriptor; oneDNN 3 has opaque memory descriptors and one call for each primitive descriptor.
#if DNNL_VERSION_MAJOR >= 3
typedef const_dnnl_memory_desc_t md_t;
#else
typedef const dnnl_memory_desc_t *md_t;
#endif

enum { MAX_BUFFERS = 10 };

struct buffer {
  int argument;                // DNNL_ARG_…
  dnnl_memory_t memory;        // wraps the caller's pointer
  dnnl_memory_t inner;         // the primitive's own layout, where it differs
  size_t inner_size;
  void *inner_block;           // its elements, from the first execution that needs them
  dnnl_primitive_t reorder;    // between the two
  int is_output;
};

struct athanor_dnnl_op {
  dnnl_primitive_desc_t descriptor;
  dnnl_primitive_t primitive;
  size_t workspace;
  dnnl_memory_t scratchpad;
  size_t scratchpad_size;
  int count;
  struct buffer buffers[MAX_BUFFERS];
};

static dnnl_engine_t engine;
static dnnl_stream_t stream;
static void *scratchpad;

#define TRY(call)                              \
  do {                                         \
    dnnl_status_t status_ = (call);            \
    if (status_ != dnnl_success) return status_; \
  } while (0)

static dnnl_status_t start(void) {
  if (stream) return dnnl_success;
  TRY(dnnl_engine_create(&engine, dnnl_cpu, 0));
  return dnnl_stream_create(&stream, engine, dnnl_stream_default_flags);
}

// Memory descriptors --------------------------------------------------------------------------

static dnnl_status_t describe(md_t *md, int rank, const dnnl_dims_t dims, dnnl_format_tag_t tag) {
#if DNNL_VERSION_MAJOR >= 3
  dnnl_memory_desc_t made;
  TRY(dnnl_memory_desc_create_with_tag(&made, rank, dims, dnnl_f32, tag));
  *md = made;
#else
  dnnl_memory_desc_t *made = malloc(sizeof *made);
  if (!made) return dnnl_out_of_memory;
  TRY(dnnl_memory_desc_init_by_tag(made, rank, dims, dnnl_f32, tag));
  *md = made;
#endif
  return dnnl_success;
}

static void forget(md_t md) {
#if DNNL_VERSION_MAJOR >= 3
  if (md) dnnl_memory_desc_destroy((dnnl_memory_desc_t)md);
#else
  free((void *)md);
#endif
}

static dnnl_status_t describe_source(md_t *md, athanor_dnnl_geometry g) {
  dnnl_dims_t dims = {g.n, g.c, g.h, g.w};
  return describe(md, 4, dims, dnnl_nhwc);
}

static dnnl_status_t describe_destination(md_t *md, athanor_dnnl_geometry g) {
  dnnl_dims_t dims = {g.n, g.oc, g.oh, g.ow};
  return describe(md, 4, dims, dnnl_nhwc);
}

/// In the plain layout, or where `any` in whichever the primitive likes.
static dnnl_status_t describe_weights(md_t *md, athanor_dnnl_geometry g, int any) {
  if (g.groups > 1) {
    dnnl_dims_t dims = {g.groups, g.oc / g.groups, g.c / g.groups, g.kh, g.kw};
    return describe(md, 5, dims, any ? dnnl_format_tag_any : dnnl_goihw);
  }
  dnnl_dims_t dims = {g.oc, g.c, g.kh, g.kw};
  return describe(md, 4, dims, any ? dnnl_format_tag_any : dnnl_oihw);
}

static dnnl_status_t describe_vector(md_t *md, int length) {
  dnnl_dims_t dims = {length};
  return describe(md, 1, dims, dnnl_x);
}

// Operations ----------------------------------------------------------------------------------

static athanor_dnnl_op *allocate(void) { return calloc(1, sizeof(athanor_dnnl_op)); }

/// Binds the next buffer of `op`: the caller's layout `md`, at the primitive's `argument`.
static dnnl_status_t bind(athanor_dnnl_op *op, int argument, md_t md, dnnl_query_t query,
                          int is_output) {
  struct buffer *buffer = &op->buffers[op->count++];
  buffer->argument = argument;
  buffer->is_output = is_output;
  TRY(dnnl_memory_create(&buffer->memory, md, engine, DNNL_MEMORY_NONE));
  if (query == dnnl_query_undef) return dnnl_success;
  md_t wanted = dnnl_primitive_desc_query_md(op->descriptor, query, 0);
  if (dnnl_memory_desc_equal(md, wanted)) return dnnl_success;
  buffer->inner_size = dnnl_memory_desc_get_size(wanted);
  TRY(dnnl_memory_create(&buffer->inner, wanted, engine, DNNL_MEMORY_NONE));
  dnnl_primitive_desc_t reorder;
  if (is_output)
    TRY(dnnl_reorder_primitive_desc_create(&reorder, wanted, engine, md, engine, NULL));
  else
    TRY(dnnl_reorder_primitive_desc_create(&reorder, md, engine, wanted, engine, NULL));
  dnnl_status_t status = dnnl_primitive_create(&buffer->reorder, reorder);
  dnnl_primitive_desc_destroy(reorder);
  return status;
}

static dnnl_status_t bind_workspace(athanor_dnnl_op *op, int is_output) {
  md_t md = dnnl_primitive_desc_query_md(op->descriptor, dnnl_query_workspace_md, 0);
  op->workspace = md ? dnnl_memory_desc_get_size(md) : 0;
  if (op->workspace == 0) return dnnl_success;
  return bind(op, DNNL_ARG_WORKSPACE, md, dnnl_query_undef, is_output);
}

/// Every primitive works in the one scratchpad that `athanor_dnnl_execute` hands it: the library's own
/// belongs to the thread that created the primitive, and another thread would find none.
static dnnl_status_t plain_attribute(dnnl_primitive_attr_t *attribute) {
  TRY(dnnl_primitive_attr_create(attribute));
  return dnnl_primitive_attr_set_scratchpad_mode(*attribute, dnnl_scratchpad_mode_user);
}

/// Creates the primitive once all buffers are bound.
static dnnl_status_t finish(athanor_dnnl_op *op) {
  md_t md = dnnl_primitive_desc_query_md(op->descriptor, dnnl_query_scratchpad_md, 0);
  op->scratchpad_size = md ? dnnl_memory_desc_get_size(md) : 0;
  if (op->scratchpad_size)
    TRY(dnnl_memory_create(&op->scratchpad, md, engine, DNNL_MEMORY_NONE));
  return dnnl_primitive_create(&op->primitive, op->descriptor);
}

static dnnl_status_t relu_attribute(dnnl_primitive_attr_t *attribute) {
  TRY(plain_attribute(attribute));
  dnnl_post_ops_t post;
  TRY(dnnl_post_ops_create(&post));
#if DNNL_VERSION_MAJOR >= 3
  TRY(dnnl_post_ops_append_eltwise(post, dnnl_eltwise_relu, 0, 0));
#else
  TRY(dnnl_post_ops_append_eltwise(post, 1, dnnl_eltwise_relu, 0, 0));
#endif
  TRY(dnnl_primitive_attr_set_post_ops(*attribute, post));
  return dnnl_post_ops_destroy(post);
}

#if DNNL_VERSION_MAJOR < 3
/// Whether an implementation may write past the scratchpad that it asked for: oneDNN 2's 1×1
/// kernels first gather the pixels that a stride leaves. For the weights' gradient they were seen
/// to write whole vectors of 16 channels into room for fewer; the other directions are spared too.
static int overruns_scratchpad(dnnl_primitive_desc_t pd, athanor_dnnl_geometry g) {
  const char *name = "";
  dnnl_primitive_desc_query(pd, dnnl_query_impl_info_str, 0, &name);
  return g.stride > 1 && g.c / g.groups < 16 && strncmp(name, "jit_1x1", 7) == 0;
}

/// The first implementation that can be used.
static dnnl_status_t choose(dnnl_primitive_desc_t *pd, const dnnl_convolution_desc_t *desc,
                            dnnl_primitive_attr_t attr, dnnl_primitive_desc_t hint,
                            athanor_dnnl_geometry g) {
  dnnl_primitive_desc_iterator_t candidates;
  TRY(dnnl_primitive_desc_iterator_create(&candidates, desc, attr, engine, hint));
  dnnl_status_t status = dnnl_success;
  while (!status) {
    *pd = dnnl_primitive_desc_iterator_fetch(candidates);
    if (!*pd) status = dnnl_out_of_memory;
    if (status || !overruns_scratchpad(*pd, g)) break;
    dnnl_primitive_desc_destroy(*pd);
    *pd = NULL;
    status = dnnl_primitive_desc_iterator_next(candidates);
  }
  dnnl_primitive_desc_iterator_destroy(candidates);
  return status;
}
#endif

static dnnl_status_t convolution_descriptor(dnnl_primitive_desc_t *pd, int direction,
                                            athanor_dnnl_geometry g, md_t src, md_t weights,
                                            md_t bias, md_t dst, int relu) {
  const dnnl_dims_t strides = {g.stride, g.stride}, pads = {g.pad, g.pad};
  const dnnl_dims_t dilates = {g.dilation - 1, g.dilation - 1};  // the library's dense is 0
  dnnl_primitive_attr_t attr = NULL;
  if (relu && direction == ATHANOR_DNNL_FORWARD)
    TRY(relu_attribute(&attr));
  else
    TRY(plain_attribute(&attr));
  const dnnl_alg_kind_t direct = dnnl_convolution_direct;
  dnnl_primitive_desc_t hint = NULL;
  if (direction != ATHANOR_DNNL_FORWARD)
    TRY(convolution_descriptor(&hint, ATHANOR_DNNL_FORWARD, g, src, weights, bias, dst, 0));
  dnnl_status_t status = dnnl_success;
#if DNNL_VERSION_MAJOR >= 3
  if (direction == ATHANOR_DNNL_FORWARD)
    status = dnnl_convolution_forward_primitive_desc_create(
        pd, engine, dnnl_forward_training, direct, src, weights, bias, dst, strides, dilates, pads,
        pads, attr);
  else if (direction == ATHANOR_DNNL_BACKWARD_DATA)
    status = dnnl_convolution_backward_data_primitive_desc_create(
        pd, engine, direct, src, weights, dst, strides, dilates, pads, pads, hint, attr);
  else
    status = dnnl_convolution_backward_weights_primitive_desc_create(
        pd, engine, direct, src, weights, bias, dst, strides, dilates, pads, pads, hint, attr);
#else
  dnnl_convolution_desc_t desc;
  if (direction == ATHANOR_DNNL_FORWARD)
    status = dnnl_dilated_convolution_forward_desc_init(
        &desc, dnnl_forward_training, direct, src, weights, bias, dst, strides, dilates, pads,
        pads);
  else if (direction == ATHANOR_DNNL_BACKWARD_DATA)
    status = dnnl_dilated_convolution_backward_data_desc_init(
        &desc, direct, src, weights, dst, strides, dilates, pads, pads);
  else
    status = dnnl_dilated_convolution_backward_weights_desc_init(
        &desc, direct, src, weights, bias, dst, strides, dilates, pads, pads);
  if (status == dnnl_success) status = choose(pd, &desc, attr, hint, g);
#endif
  if (attr) dnnl_primitive_attr_destroy(attr);
  if (hint) dnnl_primitive_desc_destroy(hint);
  return status;
}

static dnnl_status_t make_convolution(athanor_dnnl_op *op, int direction, athanor_dnnl_geometry g,
                                      int bias, int relu, md_t src, md_t any, md_t plain,
                                      md_t vector, md_t dst) {
  TRY(convolution_descriptor(&op->descriptor, direction, g, src, any, bias ? vector : NULL, dst,
                             relu));
  const dnnl_query_t none = dnnl_query_undef;
  if (direction == ATHANOR_DNNL_FORWARD) {
    TRY(bind(op, DNNL_ARG_SRC, src, none, 0));
    TRY(bind(op, DNNL_ARG_WEIGHTS, plain, dnnl_query_weights_md, 0));
    TRY(bind(op, DNNL_ARG_DST, dst, none, 1));
    if (bias) TRY(bind(op, DNNL_ARG_BIAS, vector, none, 0));
  } else if (direction == ATHANOR_DNNL_BACKWARD_DATA) {
    TRY(bind(op, DNNL_ARG_DIFF_DST, dst, none, 0));
    TRY(bind(op, DNNL_ARG_WEIGHTS, plain, dnnl_query_weights_md, 0));
    TRY(bind(op, DNNL_ARG_DIFF_SRC, src, none, 1));
  } else {
    TRY(bind(op, DNNL_ARG_SRC, src, none, 0));
    TRY(bind(op, DNNL_ARG_DIFF_DST, dst, none, 0));
    TRY(bind(op, DNNL_ARG_DIFF_WEIGHTS, plain, dnnl_query_diff_weights_md, 1));
    if (bias) TRY(bind(op, DNNL_ARG_DIFF_BIAS, vector, none, 1));
  }
  return finish(op);
}

/// Hands a finished operation over, or destroys what a failed one left.
static int deliver(athanor_dnnl_op **result, athanor_dnnl_op *op, dnnl_status_t status) {
  if (status == dnnl_success) {
    *result = op;
  } else {
    athanor_dnnl_destroy(op);
  }
  return status;
}

int athanor_dnnl_convolution(athanor_dnnl_op **result, int direction, athanor_dnnl_geometry g,
                             int bias, int relu) {
  TRY(start());
  md_t src = NULL, any = NULL, plain = NULL, vector = NULL, dst = NULL;
  athanor_dnnl_op *op = allocate();
  if (!op) return dnnl_out_of_memory;
  dnnl_status_t status = describe_source(&src, g);
  if (!status) status = describe_weights(&any, g, 1);
  if (!status) status = describe_weights(&plain, g, 0);
  if (!status) status = describe_vector(&vector, g.oc);
  if (!status) status = describe_destination(&dst, g);
  if (!status)
    status = make_convolution(op, direction, g, bias, relu, src, any, plain, vector, dst);
  forget(src), forget(any), forget(plain), forget(vector), forget(dst);
  return deliver(result, op, status);
}

static dnnl_status_t pooling_descriptor(dnnl_primitive_desc_t *pd, int direction,
                                        athanor_dnnl_geometry g, md_t src, md_t dst) {
  const dnnl_dims_t strides = {g.stride, g.stride}, kernel = {g.kh, g.kw}, left = {g.pad, g.pad};
  const dnnl_dims_t right = {(g.oh - 1) * g.stride + g.kh - g.h - g.pad,
                             (g.ow - 1) * g.stride + g.kw - g.w - g.pad};
  dnnl_primitive_desc_t hint = NULL;
  dnnl_primitive_attr_t attr = NULL;
  TRY(plain_attribute(&attr));
  dnnl_status_t status;
  if (direction != ATHANOR_DNNL_FORWARD)
    TRY(pooling_descriptor(&hint, ATHANOR_DNNL_FORWARD, g, src, dst));
#if DNNL_VERSION_MAJOR >= 3
  const dnnl_dims_t dilation = {0, 0};
  if (direction == ATHANOR_DNNL_FORWARD)
    status = dnnl_pooling_forward_primitive_desc_create(
        pd, engine, dnnl_forward_training, dnnl_pooling_max, src, dst, strides, kernel, dilation,
        left, right, attr);
  else
    status = dnnl_pooling_backward_primitive_desc_create(
        pd, engine, dnnl_pooling_max, src, dst, strides, kernel, dilation, left, right, hint, attr);
#else
  dnnl_pooling_desc_t desc;
  if (direction == ATHANOR_DNNL_FORWARD)
    status = dnnl_pooling_forward_desc_init(&desc, dnnl_forward_training, dnnl_pooling_max, src,
                                            dst, strides, kernel, left, right);
  else
    status = dnnl_pooling_backward_desc_init(&desc, dnnl_pooling_max, src, dst, strides, kernel,
                                             left, right);
  if (status == dnnl_success) status = dnnl_primitive_desc_create(pd, &desc, attr, engine, hint);
#endif
  dnnl_primitive_attr_destroy(attr);
  if (hint) dnnl_primitive_desc_destroy(hint);
  return status;
}

/// Binds an operation with one input and one output, and creates its primitive.
static dnnl_status_t make_unary(athanor_dnnl_op *op, int direction, md_t src, md_t dst) {
  if (direction == ATHANOR_DNNL_FORWARD) {
    TRY(bind(op, DNNL_ARG_SRC, src, dnnl_query_undef, 0));
    TRY(bind(op, DNNL_ARG_DST, dst, dnnl_query_undef, 1));
  } else {
    TRY(bind(op, DNNL_ARG_DIFF_DST, dst, dnnl_query_undef, 0));
    TRY(bind(op, DNNL_ARG_DIFF_SRC, src, dnnl_query_undef, 1));
  }
  TRY(bind_workspace(op, direction == ATHANOR_DNNL_FORWARD));
  return finish(op);
}

int athanor_dnnl_max_pooling(athanor_dnnl_op **result, int direction, athanor_dnnl_geometry g) {
  TRY(start());
  md_t src = NULL, dst = NULL;
  athanor_dnnl_op *op = allocate();
  if (!op) return dnnl_out_of_memory;
  dnnl_status_t status = describe_source(&src, g);
  if (!status) status = describe_destination(&dst, g);
  if (!status) status = pooling_descriptor(&op->descriptor, direction, g, src, dst);
  if (!status) status = make_unary(op, direction, src, dst);
  forget(src), forget(dst);
  return deliver(result, op, status);
}

size_t athanor_dnnl_workspace_size(const athanor_dnnl_op *op) { return op->workspace; }

// Execution -----------------------------------------------------------------------------------

static dnnl_status_t reorder(struct buffer *buffer) {
  dnnl_memory_t from = buffer->is_output ? buffer->inner : buffer->memory;
  dnnl_memory_t to = buffer->is_output ? buffer->memory : buffer->inner;
  dnnl_exec_arg_t args[] = {{DNNL_ARG_FROM, from}, {DNNL_ARG_TO, to}};
  return dnnl_primitive_execute(buffer->reorder, stream, 2, args);
}

/// Gives `buffer` room of its own for the primitive's layout.
static dnnl_status_t make_room(struct buffer *buffer) {
  if (!buffer->inner_block)
    buffer->inner_block = aligned_alloc(64, (buffer->inner_size + 63) / 64 * 64);
  if (!buffer->inner_block) return dnnl_out_of_memory;
  return dnnl_memory_set_data_handle(buffer->inner, buffer->inner_block);
}

static struct buffer *weights_of(athanor_dnnl_op *op) {
  for (int i = 0; i < op->count; i++)
    if (op->buffers[i].argument == DNNL_ARG_WEIGHTS) return &op->buffers[i];
  return NULL;
}

size_t athanor_dnnl_packed_size(athanor_dnnl_op *op) {
  struct buffer *weights = weights_of(op);
  return weights && weights->inner ? weights->inner_size : 0;
}

int athanor_dnnl_pack(athanor_dnnl_op *op, void *weights, void *packed) {
  struct buffer *buffer = weights_of(op);
  TRY(dnnl_memory_set_data_handle(buffer->memory, weights));
  TRY(dnnl_memory_set_data_handle(buffer->inner, packed));
  TRY(reorder(buffer));
  return dnnl_stream_wait(stream);
}

/// Grows the scratchpad that all operations share: they run one at a time.
static dnnl_status_t reserve(size_t size) {
  static void *block;
  static size_t reserved;
  if (size > reserved) {
    free(block);
    block = aligned_alloc(64, (size + 63) / 64 * 64);
    reserved = block ? size : 0;
    if (!block) return dnnl_out_of_memory;
  }
  scratchpad = block;
  return dnnl_success;
}

int athanor_dnnl_execute(athanor_dnnl_op *op, void *const *pointers, int is_packed) {
  dnnl_exec_arg_t args[MAX_BUFFERS + 1];
  int count = op->count;
  for (int i = 0; i < op->count; i++) {
    struct buffer *buffer = &op->buffers[i];
    if (is_packed && buffer->inner && buffer->argument == DNNL_ARG_WEIGHTS) {
      TRY(dnnl_memory_set_data_handle(buffer->inner, pointers[i]));
    } else {
      TRY(dnnl_memory_set_data_handle(buffer->memory, pointers[i]));
      if (buffer->inner) TRY(make_room(buffer));
      if (buffer->reorder && !buffer->is_output) TRY(reorder(buffer));
    }
    args[i].arg = buffer->argument;
    args[i].memory = buffer->inner ? buffer->inner : buffer->memory;
  }
  if (op->scratchpad) {
    TRY(reserve(op->scratchpad_size));
    TRY(dnnl_memory_set_data_handle(op->scratchpad, scratchpad));
    args[count].arg = DNNL_ARG_SCRATCHPAD;
    args[count++].memory = op->scratchpad;
  }
  TRY(dnnl_primitive_execute(op->primitive, stream, count, args));
  for (int i = 0; i < op->count; i++)
    if (op->buffers[i].reorder && op->buffers[i].is_output) TRY(reorder(&op->buffers[i]));
  return dnnl_stream_wait(stream);
}

void athanor_dnnl_destroy(athanor_dnnl_op *op) {
  if (!op) return;
  for (int i = 0; i < op->count; i++) {
    if (op->buffers[i].reorder) dnnl_primitive_destroy(op->buffers[i].reorder);
    if (op->buffers[i].inner) dnnl_memory_destroy(op->buffers[i].inner);
    free(op->buffers[i].inner_block);
    if (op->buffers[i].memory) dnnl_memory_destroy(op->buffers[i].memory);
  }
  if (op->scratchpad) dnnl_memory_destroy(op->scratchpad);
  if (op->primitive) dnnl_primitive_destroy(op->primitive);
  if (op->descriptor) dnnl_primitive_desc_destroy(op->descriptor);
  free(op);
}

int athanor_dnnl_version(void) {
  const dnnl_version_t *version = dnnl_version();
  return version->major * 10000 + version->minor * 100 + version->patch;
}

int athanor_dnnl_backward_data_lags(void) {
#if DNNL_VERSION_MAJOR < 3 && defined(__x86_64__)
  __builtin_cpu_init();
  return __builtin_cpu_is("intel") && __builtin_cpu_supports("avx512f") &&
         dnnl_get_effective_cpu_isa() >= dnnl_cpu_isa_avx512_core;
#else
  return 0;
#endif
}
