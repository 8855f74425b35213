// Segmentation losses by name, and the way from a loss to the gradient of its logits.
#include "losses_segmentation.hpp"

#include <algorithm>
#include <map>

#include "common.hpp"

namespace cppref {

namespace {

const std::map<std::string, SegmentationLoss *> losses_by_name = {
    {"cross_entropy", cross_entropy},
    {"weighted_cross_entropy", weighted_cross_entropy},
    {"bce", bce},
    {"focal", focal},
    {"sigmoid_focal", sigmoid_focal},
    {"dice", dice},
    {"generalized_dice", generalized_dice},
    {"jaccard", jaccard},
    {"lovasz_softmax", lovasz_softmax},
    {"tversky", tversky},
    {"exponential_logarithmic", exponential_logarithmic},
    {"boundary", boundary},
    {"sum", sum},
};

/// G_k − p_k Σ_c G_c, written so that nothing cancels where p_k is near 1.
double by_logit(const Batch &batch, const Loss &loss, int pixel, int k) {
  double others = 0;
  for (int c = 0; c < batch.classes; ++c) {
    if (c != k) others += loss.by_log_p[batch.at(pixel, c)];
  }
  const int place = batch.at(pixel, k);
  return loss.by_log_p[place] * batch.rest[place] - batch.p[place] * others;
}

}  // namespace

Loss loss_named(const std::string &name, const Batch &batch, const LossOptions &options) {
  const auto found = losses_by_name.find(name);
  if (found == losses_by_name.end()) {
    throw std::invalid_argument("no segmentation loss '" + name + "'");
  }
  return found->second(batch, options);
}

}  // namespace cppref

using namespace cppref;

int cppref_segmentation_loss(const char *name, const char *options, const double *logits,
                             const uint8_t *target, int n, int h, int w, int c, double *loss,
                             double *gradient) {
  return cppref::guarded([&] {
    Batch batch{n, h, w, c, std::max(c, 2), logits, target, {}, {}, {}, 0, {}};
    batch.work_out_softmax();
    const LossOptions given(options);
    Loss result = loss_named(name, batch, given);
    given.require_known(name);
    if (batch.valid == 0) result = Loss(batch);
    *loss = result.value;
    for (int i = 0; gradient && i < batch.pixels(); ++i) {
      for (int channel = 0; channel < c; ++channel) {
        gradient[i * c + channel] = result.by_logit[i * c + channel] +
                                    by_logit(batch, result, i, channel + batch.first_region());
      }
    }
  });
}
