/**
 * Numbers of a tensor from its little-endian bytes.
 */

/** @type {Record<string, { bytes: number, read: (view: DataView, at: number) => number }>} */
const READERS = {
  float64: { bytes: 8, read: (view, at) => view.getFloat64(at, true) },
  float32: { bytes: 4, read: (view, at) => view.getFloat32(at, true) },
  float16: { bytes: 2, read: (view, at) => halfFloat(view.getUint16(at, true)) },
  bfloat16: { bytes: 2, read: (view, at) => brainFloat(view.getUint16(at, true)) },
  int64: { bytes: 8, read: (view, at) => Number(view.getBigInt64(at, true)) },
  uint64: { bytes: 8, read: (view, at) => Number(view.getBigUint64(at, true)) },
  int32: { bytes: 4, read: (view, at) => view.getInt32(at, true) },
  uint32: { bytes: 4, read: (view, at) => view.getUint32(at, true) },
  int16: { bytes: 2, read: (view, at) => view.getInt16(at, true) },
  uint16: { bytes: 2, read: (view, at) => view.getUint16(at, true) },
  int8: { bytes: 1, read: (view, at) => view.getInt8(at) },
  uint8: { bytes: 1, read: (view, at) => view.getUint8(at) },
  bool: { bytes: 1, read: (view, at) => view.getUint8(at) },
};

/**
 * @param {string} dtype
 * @param {ArrayBuffer} data
 * @returns {Float64Array | null} null for dtypes that are not drawn (complex, quantized, text)
 */
export function decode(dtype, data) {
  const reader = READERS[dtype];
  if (reader === undefined) return null;
  const { bytes, read } = reader;
  const view = new DataView(data);
  const numbers = new Float64Array(Math.floor(data.byteLength / bytes));
  for (let at = 0; at < numbers.length; at++) numbers[at] = read(view, at * bytes);
  return numbers;
}

/** IEEE 754 binary16. @param {number} bits */
function halfFloat(bits) {
  const sign = bits & 0x8000 ? -1 : 1;
  const exponent = (bits >> 10) & 0x1f;
  const fraction = bits & 0x3ff;
  if (exponent === 0) return sign * fraction * 2 ** -24;
  if (exponent === 0x1f) return fraction === 0 ? sign * Infinity : NaN;
  return sign * (1 + fraction / 1024) * 2 ** (exponent - 15);
}

const WORD = new DataView(new ArrayBuffer(4));

/** The upper half of a float32. @param {number} bits */
function brainFloat(bits) {
  WORD.setUint32(0, bits << 16);
  return WORD.getFloat32(0);
}
