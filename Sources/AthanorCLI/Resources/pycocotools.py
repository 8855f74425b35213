import contextlib, io, json, sys, time
from pycocotools.coco import COCO
from pycocotools.cocoeval import COCOeval
start = time.perf_counter()
with contextlib.redirect_stdout(io.StringIO()):
    truth = COCO(sys.argv[1])
    e = COCOeval(truth, truth.loadRes(sys.argv[2]), 'bbox')
    e.evaluate(), e.accumulate(), e.summarize()
print(json.dumps([time.perf_counter() - start] + e.stats.tolist()))
