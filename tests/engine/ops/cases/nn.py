"""Convolutions, pools, normalisation, losses, images."""

import numpy as np
from op_cases import case

RNG = np.random.default_rng(7)


def f(*shape):
    return RNG.standard_normal(shape).astype(np.float32)


X, W = f(2, 5, 6, 3), f(3, 2, 3, 4)
GEOMETRY = {"strides": [1, 2, 1, 1], "padding": b"SAME"}
POOL = {"ksize": [1, 2, 3, 1], "strides": [1, 2, 1, 1], "padding": b"SAME"}
POOL3 = {"ksize": [1, 2, 2, 2, 1], "strides": [1, 1, 2, 1, 1], "padding": b"VALID"}
X3, W3 = f(1, 3, 4, 4, 2), f(2, 2, 2, 2, 3)
G3 = {"strides": [1, 1, 2, 1, 1], "padding": b"SAME"}
VEC = np.abs(f(4, 3)) + 0.5
BN = {"epsilon": 1e-3}
BOXES = np.array([[0, 0, 1, 1], [0, 0.1, 1, 1.1], [0, 2, 1, 3]], np.float32)
SCORES = np.array([0.9, 0.8, 0.7], np.float32)
RGB = np.abs(f(1, 3, 3, 3)) % 1


def pooled(x, attrs):
    """The result of a max pool without padding."""
    spatial = tuple(range(1, x.ndim - 1))
    view = np.lib.stride_tricks.sliding_window_view(x, attrs["ksize"][1:-1], spatial)
    steps = tuple(slice(None, None, s) for s in attrs["strides"][1:-1])
    return view[(slice(None), *steps)].max(tuple(range(x.ndim, view.ndim)))


POOLV = {**POOL, "padding": b"VALID"}
Y, Y3 = pooled(X, POOLV), pooled(X3, POOL3)
CASES = [
    case("Conv2D", X, W, **GEOMETRY),
    case("Conv2D", X, W, strides=[1, 1, 1, 1], padding=b"VALID", dilations=[1, 2, 2, 1]),
    case(
        "Conv2D",
        X,
        W,
        strides=[1, 1, 1, 1],
        padding=b"EXPLICIT",
        explicit_paddings=[0, 0, 1, 2, 0, 1, 0, 0],
    ),
    case("Conv2D", X, f(3, 2, 2, 4), **GEOMETRY),
    case("Conv2DBackpropFilter", X, [3, 2, 3, 4], f(2, 3, 6, 4), **GEOMETRY),
    case("Conv2DBackpropInput", [2, 5, 6, 3], W, f(2, 3, 6, 4), **GEOMETRY),
    case("Conv3D", X3, W3, **G3),
    case("Conv3DBackpropFilterV2", X3, [2, 2, 2, 2, 3], f(1, 3, 2, 4, 3), **G3),
    case("Conv3DBackpropInputV2", [1, 3, 4, 4, 2], W3, f(1, 3, 2, 4, 3), **G3),
    case("DepthwiseConv2dNative", X, f(2, 2, 3, 2), strides=[1, 1, 1, 1], padding=b"SAME"),
    case(
        "DepthwiseConv2dNativeBackpropFilter",
        X,
        [2, 2, 3, 2],
        f(2, 5, 6, 6),
        strides=[1, 1, 1, 1],
        padding=b"SAME",
    ),
    case(
        "DepthwiseConv2dNativeBackpropInput",
        [2, 5, 6, 3],
        f(2, 2, 3, 2),
        f(2, 5, 6, 6),
        strides=[1, 1, 1, 1],
        padding=b"SAME",
    ),
    case("Dilation2D", X, f(2, 2, 3), strides=[1, 1, 1, 1], rates=[1, 1, 1, 1], padding=b"SAME"),
    case("MaxPool", X, **POOL),
    case("MaxPoolGrad", X, Y, f(*Y.shape), **POOLV),
    case("MaxPoolGradGrad", X, Y, X * 2, **POOLV),
    case("MaxPoolV2", X, [1, 2, 2, 1], [1, 1, 1, 1], padding=b"VALID"),
    case(
        "MaxPoolGradV2",
        X,
        f(2, 4, 5, 3),
        f(2, 4, 5, 3),
        [1, 2, 2, 1],
        [1, 1, 1, 1],
        padding=b"VALID",
    ),
    case("MaxPoolWithArgmax", X, **POOL),
    case("AvgPool", X, **POOL),
    case("AvgPoolGrad", [2, 5, 6, 3], f(2, 3, 6, 3), **POOL),
    case("MaxPool3D", X3, **POOL3),
    case("AvgPool3D", X3, **POOL3),
    case("MaxPool3DGrad", X3, Y3, f(*Y3.shape), **POOL3),
    case("MaxPool3DGradGrad", X3, Y3, X3 * 2, **POOL3),
    case("AvgPool3DGrad", [1, 3, 4, 4, 2], f(1, 2, 2, 3, 2), **POOL3),
    case("FusedBatchNorm", X, *VEC[:2], np.zeros(0, np.float32), np.zeros(0, np.float32), **BN),
    case("FusedBatchNormV2", X, *VEC, is_training=False, U="float32"),
    case("FusedBatchNormV3", X, *VEC, is_training=False, U="float32"),
    case("FusedBatchNormGrad", X * 2, X, *VEC[:3], **BN),
    case("FusedBatchNormGradV2", X * 2, X, *VEC[:3], is_training=False),
    case("FusedBatchNormGradV3", X * 2, X, *VEC[:3], np.zeros(0, np.float32), **BN),
    case("BiasAdd", X, VEC[0]),
    case("BiasAdd", X, VEC[:, 0].copy()),
    case("BiasAddV1", X, VEC[0]),
    case("BiasAddGrad", X),
    case("BiasAddGrad", X, data_format=b"NCHW"),
    case("Softmax", VEC),
    case("LogSoftmax", VEC),
    case("SoftmaxCrossEntropyWithLogits", VEC, VEC[::-1].copy()),
    case("SparseSoftmaxCrossEntropyWithLogits", VEC, [0, 2, 1, 1]),
    case("SparseSoftmaxCrossEntropyWithLogits", VEC, [0, 3, 1, 1]),
    case("L2Loss", X),
    case("LRN", X, depth_radius=1),
    case("LRNGrad", X, X * 2, X + 1, depth_radius=1),
    case("ResizeBilinear", X, [7, 4]),
    case("ResizeBilinear", X, [7, 4], half_pixel_centers=True),
    case("ResizeBilinearGrad", f(2, 7, 4, 3), X, align_corners=True),
    case("ResizeNearestNeighbor", X, [7, 4]),
    case("ResizeNearestNeighborGrad", f(2, 7, 4, 3), [5, 6]),
    case("CropAndResize", X, [[0.1, 0.2, 0.8, 0.9], [-0.1, 0, 1, 1]], [0, 1], [3, 4]),
    case("RGBToHSV", RGB),
    case("HSVToRGB", RGB),
    case("AdjustContrastv2", RGB, 1.5),
    case("AdjustHue", RGB, 0.2),
    case("AdjustSaturation", RGB, 1.3),
    case(
        "ExtractImagePatches",
        X,
        ksizes=[1, 2, 2, 1],
        strides=[1, 2, 2, 1],
        rates=[1, 1, 1, 1],
        padding=b"VALID",
    ),
    case("NonMaxSuppression", BOXES, SCORES, 3),
    case("NonMaxSuppressionV2", BOXES, SCORES, 3, 0.5),
    case("NonMaxSuppressionV3", BOXES, SCORES, 3, 0.5, 0.75),
    case("NonMaxSuppressionV4", BOXES, SCORES, 3, 0.5, 0.75, pad_to_max_output_size=True),
    case("NonMaxSuppressionV5", BOXES, SCORES, 3, 0.5, 0.1, 0.5),
]
