"""Images: resizing, cropping, colours, patches, and boxes in them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from ..errors import InvalidArgumentError
from .registry import Attrs, Kernel, op
from .shapes import text, unchanged
from .windows import Layout, windows


def _target(images: Any, size: Any) -> tuple[int, int]:
    if images.ndim != 4:
        raise InvalidArgumentError(f"input must be 4-dimensional{text(images)}")
    if size.shape != (2,):
        raise InvalidArgumentError(f"shape_t must have two elements{text(size)}")
    height, width = (int(n) for n in size.tolist())
    if height <= 0 or width <= 0:
        raise InvalidArgumentError("output dimensions must be positive")
    return height, width


def _scale(attrs: Attrs, source: int, target: int) -> np.float32:
    if attrs["align_corners"] and target > 1:
        return np.float32(source - 1) / np.float32(target - 1)
    return np.float32(source) / np.float32(target)


def _positions(attrs: Attrs, source: int, target: int) -> Any:
    """Where in the source the centres of the target's pixels lie."""
    scale = _scale(attrs, source, target)
    places = np.arange(target, dtype=np.float32)
    if attrs["half_pixel_centers"]:
        return (places + np.float32(0.5)) * scale - np.float32(0.5)
    return places * scale


def _nearest(attrs: Attrs, source: int, target: int) -> Any:
    scale = _scale(attrs, source, target)
    places = np.arange(target, dtype=np.float32)
    if attrs["half_pixel_centers"]:
        places = np.floor((places + np.float32(0.5)) * scale)
    else:
        places = places * scale
        # Halves away from zero, as C's roundf.
        places = np.floor(places + np.float32(0.5)) if attrs["align_corners"] else np.floor(places)
    return np.clip(places.astype(np.int64), 0, source - 1)


def _linear(attrs: Attrs, source: int, target: int) -> tuple[Any, Any, Any]:
    """(lower neighbours, upper neighbours, weight of the upper)."""
    places = _positions(attrs, source, target)
    floor = np.floor(places)
    lower = np.maximum(floor, 0).astype(np.int64)
    upper = np.minimum(np.ceil(places), source - 1).astype(np.int64)
    return np.minimum(lower, source - 1), upper, places - floor


def _bilinear(images: Any, rows: Any, columns: Any) -> Any:
    top, bottom, down = rows
    left, right, across = columns
    across = across[:, None]
    down = down[:, None, None]
    x = images.astype(np.float32, copy=False)
    above = x[:, top][:, :, left] + (x[:, top][:, :, right] - x[:, top][:, :, left]) * across
    below = (
        x[:, bottom][:, :, left] + (x[:, bottom][:, :, right] - x[:, bottom][:, :, left]) * across
    )
    return above + (below - above) * down


@op(
    "ResizeBilinear",
    "images: T, size: int32",
    "resized_images: float32",
    "T: type, align_corners: bool = false, half_pixel_centers: bool = false",
)
def resize_bilinear(attrs: Attrs) -> Kernel:
    """Images of another size, by bilinear interpolation."""

    def kernel(images: Any, size: Any) -> Any:
        height, width = _target(images, size)
        rows = _linear(attrs, images.shape[1], height)
        return _bilinear(images, rows, _linear(attrs, images.shape[2], width))

    return kernel


@op(
    "ResizeBilinearGrad",
    "grads: float32, original_image: T",
    "output: T",
    "T: type, align_corners: bool = false, half_pixel_centers: bool = false",
)
def resize_bilinear_grad(attrs: Attrs) -> Kernel:
    """The gradient of ResizeBilinear."""

    def kernel(grads: Any, original: Any) -> Any:
        top, bottom, down = _linear(attrs, original.shape[1], grads.shape[1])
        left, right, across = _linear(attrs, original.shape[2], grads.shape[2])
        result = np.zeros(original.shape, grads.dtype)
        batch = np.arange(grads.shape[0])[:, None, None]
        for rows, down_weight in ((top, 1 - down), (bottom, down)):
            for columns, across_weight in ((left, 1 - across), (right, across)):
                weight = (down_weight[:, None] * across_weight)[..., None]
                place = (batch, rows[:, None], columns)
                np.add.at(result, place, (grads * weight).astype(grads.dtype))
        return result

    return kernel


@op(
    "ResizeNearestNeighbor",
    "images: T, size: int32",
    "resized_images: T",
    "T: type, align_corners: bool = false, half_pixel_centers: bool = false",
)
def resize_nearest_neighbor(attrs: Attrs) -> Kernel:
    """Images of another size, every pixel the nearest one of the original."""

    def kernel(images: Any, size: Any) -> Any:
        height, width = _target(images, size)
        rows = _nearest(attrs, images.shape[1], height)
        return images[:, rows][:, :, _nearest(attrs, images.shape[2], width)]

    return kernel


@op(
    "ResizeNearestNeighborGrad",
    "grads: T, size: int32",
    "output: T",
    "T: type, align_corners: bool = false, half_pixel_centers: bool = false",
)
def resize_nearest_neighbor_grad(attrs: Attrs) -> Kernel:
    """The gradient of ResizeNearestNeighbor."""

    def kernel(grads: Any, size: Any) -> Any:
        height, width = (int(n) for n in size.tolist())
        rows = _nearest(attrs, height, grads.shape[1])
        columns = _nearest(attrs, width, grads.shape[2])
        result = np.zeros((grads.shape[0], height, width, grads.shape[3]), grads.dtype)
        batch = np.arange(grads.shape[0])[:, None, None]
        np.add.at(result, (batch, rows[:, None], columns), grads)
        return result

    return kernel


@op(
    "CropAndResize",
    "image: T, boxes: float32, box_ind: int32, crop_size: int32",
    "crops: float32",
    "T: type, method: string = 'bilinear', extrapolation_value: float = 0.0",
)
def crop_and_resize(attrs: Attrs) -> Kernel:
    """Boxes of images, given in normalised coordinates, each resized to one size."""
    nearest = attrs["method"] == b"nearest"
    outside = np.float32(attrs["extrapolation_value"])

    def positions(low: Any, high: Any, source: int, count: int) -> Any:
        one = np.float32(1)
        if count == 1:
            return np.array([np.float32(0.5) * (low + high) * np.float32(source - 1)], np.float32)
        scale = (high - low) * np.float32(source - 1) / np.float32(count - 1)
        return low * np.float32(source - 1) + np.arange(count, dtype=np.float32) * scale * one

    def kernel(image: Any, boxes: Any, box_ind: Any, crop_size: Any) -> Any:
        height, width = (int(n) for n in crop_size.tolist())
        wrong = np.flatnonzero((box_ind < 0) | (box_ind >= image.shape[0]))
        if wrong.size:
            raise InvalidArgumentError(
                f"box_index has values outside [0, batch_size): {box_ind[wrong[0]]}"
            )
        result = np.full((len(boxes), height, width, image.shape[3]), outside, np.float32)
        for number, ((y1, x1, y2, x2), source) in enumerate(
            zip(boxes, box_ind.tolist(), strict=True)
        ):
            ys = positions(y1, y2, image.shape[1], height)
            xs = positions(x1, x2, image.shape[2], width)
            rows = np.flatnonzero((ys >= 0) & (ys <= image.shape[1] - 1))
            columns = np.flatnonzero((xs >= 0) & (xs <= image.shape[2] - 1))
            ys, xs = ys[rows], xs[columns]
            if nearest:
                picked = image[source][np.floor(ys + np.float32(0.5)).astype(np.int64)]
                part = picked[:, np.floor(xs + np.float32(0.5)).astype(np.int64)]
            else:
                part = _bilinear(image[source : source + 1], _corners(ys), _corners(xs))[0]
            result[number][np.ix_(rows, columns)] = part
        return result

    return kernel


def _corners(places: Any) -> tuple[Any, Any, Any]:
    floor = np.floor(places)
    return floor.astype(np.int64), np.ceil(places).astype(np.int64), places - floor


def _rgb_to_hsv(images: Any) -> Any:
    red, green, blue = (images[..., i] for i in range(3))
    value = images.max(-1)
    spread = value - images.min(-1)
    number = images.dtype.type
    saturation = np.where(value > 0, spread / value, number(0))
    norm = number(1) / (number(6) * spread)
    hue = np.where(
        red == value,
        norm * (green - blue),
        np.where(
            green == value,
            norm * (blue - red) + number(2 / 6),
            norm * (red - green) + number(4 / 6),
        ),
    )
    hue = np.where(spread > 0, hue, number(0))
    hue = np.where(hue < 0, hue + number(1), hue)
    return np.stack((hue, saturation, value), -1).astype(images.dtype)


def _hsv_to_rgb(images: Any) -> Any:
    number = images.dtype.type
    hue, saturation, value = (images[..., i] for i in range(3))
    turn = hue * number(6)
    red = np.clip(np.abs(turn - number(3)) - number(1), 0, 1)
    green = np.clip(number(2) - np.abs(turn - number(2)), 0, 1)
    blue = np.clip(number(2) - np.abs(turn - number(4)), 0, 1)
    pale = number(1) - saturation
    channels = [(pale + saturation * c) * value for c in (red, green, blue)]
    return np.stack(channels, -1).astype(images.dtype)


def _check_channels(images: Any) -> None:
    if not images.ndim or images.shape[-1] != 3:
        raise InvalidArgumentError(f"input must have 3 channels but instead has {text(images)}")


@op("RGBToHSV", "images: T", "output: T", "T: type = float32", shape=unchanged)
def rgb_to_hsv(attrs: Attrs) -> Kernel:
    """Hue, saturation and value of colours given as red, green and blue."""

    def kernel(images: Any) -> Any:
        _check_channels(images)
        return _rgb_to_hsv(images)

    return kernel


@op("HSVToRGB", "images: T", "output: T", "T: type = float32", shape=unchanged)
def hsv_to_rgb(attrs: Attrs) -> Kernel:
    """Red, green and blue of colours given as hue, saturation and value."""

    def kernel(images: Any) -> Any:
        _check_channels(images)
        return _hsv_to_rgb(images)

    return kernel


@op(
    "AdjustContrastv2",
    "images: T, contrast_factor: float32",
    "output: T",
    "T: type = float32",
    shape=unchanged,
)
def adjust_contrast(attrs: Attrs) -> Kernel:
    """Images whose distance from each channel's mean is multiplied by a factor."""

    def kernel(images: Any, factor: Any) -> Any:
        wide = images.astype(np.float32, copy=False)
        mean = wide.mean((-3, -2), keepdims=True)
        return ((wide - mean) * factor + mean).astype(images.dtype)

    return kernel


def _in_hsv(change: Callable[[Any, Any], Any]) -> Kernel:
    def kernel(images: Any, amount: Any) -> Any:
        _check_channels(images)
        hsv = np.array(_rgb_to_hsv(images.astype(np.float32, copy=False)))
        change(hsv, amount)
        return _hsv_to_rgb(hsv).astype(images.dtype)

    return kernel


@op("AdjustHue", "images: T, delta: float32", "output: T", "T: type = float32", shape=unchanged)
def adjust_hue(attrs: Attrs) -> Kernel:
    """Images whose hue is turned by a part of a full circle."""

    def change(hsv: Any, delta: Any) -> None:
        hsv[..., 0] = np.mod(hsv[..., 0] + delta, 1)

    return _in_hsv(change)


@op(
    "AdjustSaturation",
    "images: T, scale: float32",
    "output: T",
    "T: type = float32",
    shape=unchanged,
)
def adjust_saturation(attrs: Attrs) -> Kernel:
    """Images whose saturation is multiplied by a factor, up to 1."""

    def change(hsv: Any, scale: Any) -> None:
        hsv[..., 1] = np.clip(hsv[..., 1] * scale, 0, 1)

    return _in_hsv(change)


@op(
    "ExtractImagePatches",
    "images: T",
    "patches: T",
    "ksizes: list(int), strides: list(int), rates: list(int), T: type, padding: string",
)
def extract_image_patches(attrs: Attrs) -> Kernel:
    """Every window of images, laid out along the channels."""
    sizes, strides, rates = (attrs[name][1:3] for name in ("ksizes", "strides", "rates"))
    layout = Layout(False, (1, 2))

    def kernel(images: Any) -> Any:
        over = windows(attrs, layout, images.shape[1:3], sizes, strides, rates)
        view = over.view(over.pad(images, 0))
        return view.reshape(images.shape[0], *over.outputs, -1)

    return kernel


def _overlap(box: Any, others: Any) -> Any:
    """The intersection over the union of `box` with each of `others`."""
    low, high = np.minimum(box[:2], box[2:]), np.maximum(box[:2], box[2:])
    lows = np.minimum(others[:, :2], others[:, 2:])
    highs = np.maximum(others[:, :2], others[:, 2:])
    area, areas = np.prod(high - low), np.prod(highs - lows, axis=1)
    common = np.prod(np.maximum(np.minimum(high, highs) - np.maximum(low, lows), 0), axis=1)
    return np.where((area <= 0) | (areas <= 0), 0, common / (area + areas - common))


def suppress(
    boxes: Any, scores: Any, limit: int, overlap: float, threshold: float, sigma: float = 0.0
) -> tuple[Any, Any]:
    """(chosen boxes, their scores): greedily the best, without those that overlap it too much.

    With `sigma` > 0 the scores of overlapping boxes are lowered instead (Bodla et al., 2017).
    """
    scores = np.array(scores)
    order = [i for i in np.argsort(-scores, kind="stable").tolist() if scores[i] > threshold]
    chosen: list[int] = []
    kept: list[Any] = []
    while order and len(chosen) < limit:
        best = max(order, key=lambda i: (scores[i], -i)) if sigma > 0 else order[0]
        order.remove(best)
        chosen.append(best)
        kept.append(scores[best])
        if not order:
            break
        shared = _overlap(boxes[best], boxes[order])
        if sigma > 0:
            scores[order] *= np.exp(-0.5 / sigma * shared * shared).astype(scores.dtype)
            order = [i for i in order if scores[i] > threshold]
        else:
            order = [i for i, s in zip(order, shared, strict=True) if s <= overlap]
    return np.array(chosen, np.int32), np.array(kept, scores.dtype)


def _check_boxes(boxes: Any, scores: Any) -> None:
    if boxes.ndim != 2 or boxes.shape[1] != 4:
        raise InvalidArgumentError(f"boxes must be a matrix of 4 columns{text(boxes)}")
    if scores.shape != boxes.shape[:1]:
        raise InvalidArgumentError("scores has incompatible shape")


@op(
    "NonMaxSuppression",
    "boxes: float32, scores: float32, max_output_size: int32",
    "selected_indices: int32",
    "iou_threshold: float = 0.5",
)
def non_max_suppression(attrs: Attrs) -> Kernel:
    """The boxes with the best scores that do not overlap a better one too much."""
    overlap: float = attrs["iou_threshold"]

    def kernel(boxes: Any, scores: Any, limit: Any) -> Any:
        _check_boxes(boxes, scores)
        return suppress(boxes, scores, int(limit), overlap, -np.inf)[0]

    return kernel


@op(
    "NonMaxSuppressionV2",
    "boxes: T, scores: T, max_output_size: int32, iou_threshold: T_threshold",
    "selected_indices: int32",
    "T: type = float32, T_threshold: type = float32",
)
def non_max_suppression_v2(attrs: Attrs) -> Kernel:
    """As NonMaxSuppression; the allowed overlap is a value."""

    def kernel(boxes: Any, scores: Any, limit: Any, overlap: Any) -> Any:
        _check_boxes(boxes, scores)
        return suppress(boxes, scores, int(limit), float(overlap), -np.inf)[0]

    return kernel


@op(
    "NonMaxSuppressionV3",
    "boxes: T, scores: T, max_output_size: int32, iou_threshold: T_threshold, "
    "score_threshold: T_threshold",
    "selected_indices: int32",
    "T: type = float32, T_threshold: type = float32",
)
def non_max_suppression_v3(attrs: Attrs) -> Kernel:
    """As NonMaxSuppressionV2, without boxes whose score is at most a threshold."""

    def kernel(boxes: Any, scores: Any, limit: Any, overlap: Any, threshold: Any) -> Any:
        _check_boxes(boxes, scores)
        return suppress(boxes, scores, int(limit), float(overlap), float(threshold))[0]

    return kernel


def _filled(values: Any, length: int, wanted: bool) -> Any:
    if not wanted:
        return values
    return np.concatenate((values, np.zeros(length - values.size, values.dtype)))


@op(
    "NonMaxSuppressionV4",
    "boxes: T, scores: T, max_output_size: int32, iou_threshold: T_threshold, "
    "score_threshold: T_threshold",
    "selected_indices: int32, valid_outputs: int32",
    "T: type = float32, T_threshold: type = float32, pad_to_max_output_size: bool = false",
)
def non_max_suppression_v4(attrs: Attrs) -> Kernel:
    """As NonMaxSuppressionV3, filled up with zeros on request, and how many boxes are valid."""
    fill: bool = attrs["pad_to_max_output_size"]

    def kernel(boxes: Any, scores: Any, limit: Any, overlap: Any, threshold: Any) -> Any:
        _check_boxes(boxes, scores)
        chosen, _ = suppress(boxes, scores, int(limit), float(overlap), float(threshold))
        return _filled(chosen, int(limit), fill), np.int32(chosen.size)

    return kernel


@op(
    "NonMaxSuppressionV5",
    "boxes: T, scores: T, max_output_size: int32, iou_threshold: T, "
    "score_threshold: T, soft_nms_sigma: T",
    "selected_indices: int32, selected_scores: T, valid_outputs: int32",
    "T: type = float32, pad_to_max_output_size: bool = false",
)
def non_max_suppression_v5(attrs: Attrs) -> Kernel:
    """As NonMaxSuppressionV4, with soft suppression and the scores that remain."""
    fill: bool = attrs["pad_to_max_output_size"]

    def kernel(
        boxes: Any, scores: Any, limit: Any, overlap: Any, threshold: Any, sigma: Any
    ) -> Any:
        _check_boxes(boxes, scores)
        chosen, kept = suppress(
            boxes, scores, int(limit), float(overlap), float(threshold), float(sigma)
        )
        size = int(limit)
        return _filled(chosen, size, fill), _filled(kept, size, fill), np.int32(chosen.size)

    return kernel
