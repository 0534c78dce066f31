"""Records what scikit-learn and torchmetrics measure, as a text file for the tests to compare with.

    pip install scikit-learn torchmetrics torch numpy
    python record_metrics.py ../resources/dev/fluxion/dsl/metric

The build does not need this script or Python: the tests read the recorded file only. Each case has its outputs and targets, which
are exact in float32, and a line for each value: the metric as Fluxion writes it, the library, the numbers. Both libraries compute
in float64: torchmetrics, which turns counts into float32, is told otherwise below.
"""

import sys
import warnings
from pathlib import Path

import numpy as np
import sklearn
import sklearn.metrics as sk
import torch
import torchmetrics
import torchmetrics.functional.classification as tm
from torchmetrics.functional import regression as tmr
from torchmetrics.functional.segmentation import dice_score
from torchmetrics.functional.text import perplexity

warnings.simplefilter("ignore")
torch.Tensor.float = torch.Tensor.double
torch.set_default_dtype(torch.float64)

AVERAGES = {"MICRO": "micro", "MACRO": "macro", "WEIGHTED": "weighted", "PER_CLASS": None}
IGNORED = -100
out = []


def softmax(x, axis=1):
    e = np.exp(x - x.max(axis, keepdims=True))
    return e / e.sum(axis, keepdims=True)


def sigmoid(x):
    return 1 / (1 + np.exp(-x))


def array(name, x):
    kind = "ints" if x.dtype.kind == "i" else "floats"
    numbers = " ".join(str(v) if kind == "ints" else repr(float(v)) for v in x.reshape(-1))
    out.append(f"{name} {kind} {'x'.join(map(str, x.shape))} {numbers}")


def value(metric, library, numbers):
    numbers = np.asarray(numbers, np.float64).reshape(-1)
    out.append(f"value {metric} {library} " + " ".join(repr(float(v)).replace("inf", "Infinity").replace("nan", "NaN") for v in numbers))


def begin(name, outputs, targets):
    out.append(f"case {name}")
    array("outputs", outputs)
    array("targets", targets)


def classes(name, outputs, targets, probabilities=False):
    """Outputs N×C or N×C×…, with labels."""
    begin(name, outputs, targets)
    c = outputs.shape[1]
    flat = np.moveaxis(outputs, 1, -1).reshape(-1, c).astype(np.float64)
    p = flat if probabilities else softmax(flat)
    y = targets.reshape(-1)
    p, y = p[y != IGNORED], y[y != IGNORED]
    found = p.argmax(1)
    here = [k for k in range(c) if k in y or k in found]
    tp, ty = torch.tensor(p), torch.tensor(y)
    scale = ".probabilities()" if probabilities else ""

    def absent(x):
        return [v if k in here else np.nan for k, v in enumerate(np.asarray(x).reshape(-1))]

    value("accuracy()", "sklearn", sk.accuracy_score(y, found))
    value("accuracy()", "torchmetrics", tm.multiclass_accuracy(tp, ty, c, average="micro"))
    if c > 2:
        if not probabilities:  # scikit-learn puts the last of equal scores first
            value("topAccuracy(2)", "sklearn", sk.top_k_accuracy_score(y, p, k=2, labels=range(c)))
        value("topAccuracy(2)", "torchmetrics", tm.multiclass_accuracy(tp, ty, c, average="micro", top_k=2))
    for ours, theirs, tms in [
        ("precision", sk.precision_score, tm.multiclass_precision),
        ("recall", sk.recall_score, tm.multiclass_recall),
        ("f1", sk.f1_score, tm.multiclass_f1_score),
        ("iou", sk.jaccard_score, tm.multiclass_jaccard_index),
    ]:
        for average, text in AVERAGES.items():
            labels = range(c) if text is None else None
            x = theirs(y, found, average=text, labels=labels, zero_division=0)
            value(f"{ours}({average})", "sklearn", absent(x) if text is None else x)
            x = tms(tp, ty, c, average=text)
            value(f"{ours}({average})", "torchmetrics", absent(x) if text is None else x)
    value("confusion", "sklearn", sk.confusion_matrix(y, found, labels=range(c)))
    value("confusion", "torchmetrics", tm.multiclass_confusion_matrix(tp, ty, c))
    if p[np.arange(len(y)), y].all():  # scikit-learn takes 2e-16 for 0
        value("logLoss()" + scale, "sklearn", sk.log_loss(y, p, labels=range(c)))
    value("perplexity()" + scale, "torchmetrics", perplexity(torch.log(tp)[None], ty[None]))
    for bins in (15, 10):
        metric = "calibrationError()" + ("" if bins == 15 else ".bins(10)") + scale
        value(metric, "torchmetrics", tm.multiclass_calibration_error(tp, ty, c, n_bins=bins))
    hot = np.eye(c, dtype=int)[y]
    if len(set(y)) == c:
        for average, text in AVERAGES.items():
            value(f"rocAuc({average}){scale}", "sklearn", sk.roc_auc_score(hot, p, average=text))
            value(f"averagePrecision({average}){scale}", "sklearn", sk.average_precision_score(hot, p, average=text))
            if text != "micro":
                value(f"rocAuc({average}){scale}", "torchmetrics", tm.multiclass_auroc(tp, ty, c, average=text))
                ap = tm.multiclass_average_precision(tp, ty, c, average=text)
                value(f"averagePrecision({average}){scale}", "torchmetrics", ap)


def yes_or_no(name, outputs, targets):
    """A logit for each element, whose target is 1 or 0."""
    begin(name, outputs, targets)
    x, y = outputs.reshape(-1).astype(np.float64), targets.reshape(-1).astype(int)
    p, found = sigmoid(x), (x > 0).astype(int)
    tp, ty = torch.tensor(p), torch.tensor(y)
    value("binaryAccuracy()", "sklearn", sk.accuracy_score(y, found))
    value("binaryAccuracy()", "torchmetrics", tm.binary_accuracy(tp, ty))
    for ours, theirs, tms in [
        ("precision", sk.precision_score, tm.binary_precision),
        ("recall", sk.recall_score, tm.binary_recall),
        ("f1", sk.f1_score, tm.binary_f1_score),
        ("iou", sk.jaccard_score, tm.binary_jaccard_index),
    ]:
        value(f"{ours}(BINARY)", "sklearn", theirs(y, found, zero_division=0))
        value(f"{ours}(BINARY)", "torchmetrics", tms(tp, ty))
    dice = dice_score(torch.tensor(found)[None, None], ty[None, None], 1, average="micro", input_format="one-hot")
    value("dice(BINARY)", "torchmetrics", dice)
    value("dice(BINARY)", "sklearn", sk.f1_score(y, found, zero_division=0))
    value("rocAuc(BINARY)", "sklearn", sk.roc_auc_score(y, x))
    value("rocAuc(BINARY)", "torchmetrics", tm.binary_auroc(tp, ty))
    value("averagePrecision(BINARY)", "sklearn", sk.average_precision_score(y, x))
    value("averagePrecision(BINARY)", "torchmetrics", tm.binary_average_precision(tp, ty))
    value("binaryLogLoss()", "sklearn", sk.log_loss(y, p))
    value("binaryCalibrationError()", "torchmetrics", tm.binary_calibration_error(tp, ty, n_bins=15))


def labels(name, outputs, targets):
    """Labels that exclude none: a logit for each of N×L."""
    begin(name, outputs, targets)
    x, y = outputs.astype(np.float64), targets.astype(int)
    p, found = sigmoid(x), (x > 0).astype(int)
    n = x.shape[1]
    tp, ty = torch.tensor(p), torch.tensor(y)
    for ours, theirs, tms in [
        ("precision", sk.precision_score, tm.multilabel_precision),
        ("recall", sk.recall_score, tm.multilabel_recall),
        ("f1", sk.f1_score, tm.multilabel_f1_score),
        ("iou", sk.jaccard_score, tm.multilabel_jaccard_index),
    ]:
        for average, text in AVERAGES.items():
            metric = f"{ours}({average}).multiLabel()"
            value(metric, "sklearn", theirs(y, found, average=text, zero_division=0))
            value(metric, "torchmetrics", tms(tp, ty, n, average=text))
    for average, text in AVERAGES.items():
        metric = f"rocAuc({average}).multiLabel()"
        value(metric, "sklearn", sk.roc_auc_score(y, x, average=text))
        value(metric, "torchmetrics", tm.multilabel_auroc(tp, ty, n, average=text))
        metric = f"averagePrecision({average}).multiLabel()"
        value(metric, "sklearn", sk.average_precision_score(y, x, average=text))
        value(metric, "torchmetrics", tm.multilabel_average_precision(tp, ty, n, average=text))


def numbers(name, outputs, targets):
    """A regression."""
    begin(name, outputs, targets)
    x, y = outputs.astype(np.float64), targets.astype(np.float64)
    tx, ty = torch.tensor(x), torch.tensor(y)
    value("mae()", "sklearn", sk.mean_absolute_error(y, x))
    value("mae()", "torchmetrics", tmr.mean_absolute_error(tx, ty))
    value("rmse()", "sklearn", sk.root_mean_squared_error(y.reshape(-1), x.reshape(-1)))
    value("rmse()", "torchmetrics", tmr.mean_squared_error(tx, ty, squared=False))
    value("mape()", "sklearn", sk.mean_absolute_percentage_error(y, x))
    value("mape()", "torchmetrics", tmr.mean_absolute_percentage_error(tx, ty))
    if x.shape[1] == 1:
        value("r2()", "sklearn", sk.r2_score(y, x))
        value("r2()", "torchmetrics", tmr.r2_score(tx[:, 0], ty[:, 0]))
    value("r2(MACRO)", "sklearn", sk.r2_score(y, x, multioutput="uniform_average"))
    value("r2(MACRO)", "torchmetrics", tmr.r2_score(tx, ty, multioutput="uniform_average"))
    value("r2(MICRO)", "sklearn", sk.r2_score(y.reshape(-1), x.reshape(-1)))


def weighted(name, outputs, targets, weights):
    """Samples with weights: N×C with labels, or a logit or number of N×1."""
    begin(name, outputs, targets)
    array("weights", weights)
    x, w = outputs.astype(np.float64), weights.astype(np.float64)

    def each(metric, number):
        value(metric, "sklearn", number)

    if targets.dtype.kind == "i":
        p, y = softmax(x), targets
        found, hot = p.argmax(1), np.eye(x.shape[1], dtype=int)[targets]
        each("accuracy()", sk.accuracy_score(y, found, sample_weight=w))
        each("topAccuracy(2)", sk.top_k_accuracy_score(y, p, k=2, labels=range(x.shape[1]), sample_weight=w))
        each("logLoss()", sk.log_loss(y, p, labels=range(x.shape[1]), sample_weight=w))
        for average, text in AVERAGES.items():
            for ours, theirs in [("precision", sk.precision_score), ("recall", sk.recall_score), ("f1", sk.f1_score), ("iou", sk.jaccard_score)]:
                each(f"{ours}({average})", theirs(y, found, average=text, zero_division=0, sample_weight=w))
            each(f"rocAuc({average})", sk.roc_auc_score(hot, p, average=text, sample_weight=w))
            each(f"averagePrecision({average})", sk.average_precision_score(hot, p, average=text, sample_weight=w))
    elif set(np.unique(targets)) <= {0, 1}:
        x, y = x.reshape(-1), targets.reshape(-1).astype(int)
        each("binaryAccuracy()", sk.accuracy_score(y, x > 0, sample_weight=w))
        each("f1(BINARY)", sk.f1_score(y, x > 0, sample_weight=w))
        each("rocAuc(BINARY)", sk.roc_auc_score(y, x, sample_weight=w))
        each("averagePrecision(BINARY)", sk.average_precision_score(y, x, sample_weight=w))
        each("binaryLogLoss()", sk.log_loss(y, sigmoid(x), sample_weight=w))
    else:
        y = targets.astype(np.float64)
        each("mae()", sk.mean_absolute_error(y, x, sample_weight=w))
        each("rmse()", sk.root_mean_squared_error(y.reshape(-1), x.reshape(-1), sample_weight=w))
        each("mape()", sk.mean_absolute_percentage_error(y, x, sample_weight=w))
        each("r2()", sk.r2_score(y, x, sample_weight=w))


def weights(seed, n):
    w = np.random.default_rng(seed).uniform(0.1, 3, n).astype(np.float32)
    w[::7] = 0
    return w


def normal(seed, *shape):
    return np.random.default_rng(seed).normal(size=shape).astype(np.float32)


def drawn(seed, high, *shape):
    return np.random.default_rng(seed).integers(0, high, shape)


def quarters(x):
    return np.round(x * 4).astype(np.float32) / 4


def main(folder):
    out.append(f"# recorded by record_metrics.py, scikit-learn {sklearn.__version__}, torchmetrics {torchmetrics.__version__}")
    y = drawn(1, 4, 40)
    classes("classes", normal(2, 40, 4) + 2 * np.eye(4, dtype=np.float32)[y], y)
    classes("two classes", normal(3, 25, 2), drawn(4, 2, 25))
    x = normal(5, 30, 5)
    x[:, 3:] -= 9
    classes("absent and never predicted classes", x, np.where(drawn(6, 5, 30) == 4, 0, np.where(drawn(6, 5, 30) == 1, 2, drawn(6, 5, 30))))
    classes("one class only", normal(7, 12, 3), np.full(12, 1))
    y = drawn(9, 3, 3, 2, 5)
    y[drawn(10, 4, 3, 2, 5) == 0] = IGNORED
    classes("ignored positions", normal(8, 3, 3, 2, 5), y)
    eighths = np.random.default_rng(11).multinomial(8, [0.4, 0.3, 0.3], 50).astype(np.float32) / 8
    classes("ties of probabilities", eighths + np.float32(0), drawn(12, 3, 50), probabilities=True)
    yes_or_no("yes or no", normal(13, 50, 1), drawn(14, 2, 50, 1).astype(np.float32))
    yes_or_no("ties", quarters(normal(15, 60, 1)) + np.float32(0.1), drawn(16, 2, 60, 1).astype(np.float32))
    yes_or_no("never yes", -np.abs(normal(17, 20, 2)), drawn(18, 2, 20, 2).astype(np.float32))
    labels("labels", normal(19, 30, 3), drawn(20, 2, 30, 3).astype(np.float32))
    labels("ties of labels", quarters(normal(21, 40, 3)) + np.float32(0.1), drawn(22, 2, 40, 3).astype(np.float32))
    y = normal(24, 30, 1)
    numbers("numbers", y + normal(23, 30, 1) / 2, y)
    y = normal(26, 20, 3) * np.float32([1, 10, 0.1])
    numbers("several numbers", y + normal(25, 20, 3) / 4, y)
    y = normal(28, 25, 1) + np.float32(30000)
    numbers("far from 0", y + normal(27, 25, 1) / 3, y)
    y = drawn(29, 3, 45)
    weighted("weighted classes", normal(30, 45, 3) + np.eye(3, dtype=np.float32)[y], y, weights(31, 45))
    weighted("weighted ties", quarters(normal(32, 60, 1)) + np.float32(0.1), drawn(33, 2, 60, 1).astype(np.float32), weights(34, 60))
    y = normal(35, 30, 1) + np.float32(3000)
    weighted("weighted numbers", y + normal(36, 30, 1) / 3, y, weights(37, 30))
    Path(folder, "metrics.txt").write_text("\n".join(out) + "\n")


main(sys.argv[1])
