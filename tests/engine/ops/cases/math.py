"""Elementwise functions, casts and special functions."""

import numpy as np
from op_cases import case

F = np.array([-2.5, -1.0, -0.3, 0.0, 0.4, 1.0, 3.7], np.float32)
P = np.array([0.1, 0.5, 1.0, 2.5, 7.0], np.float32)
U = np.array([-0.9, -0.3, 0.0, 0.5, 0.95], np.float32)
D = np.array([0.25, 1.5, 3.0])
Z = np.array([1 + 2j, -0.5j, 3], np.complex64)
I = np.array([-7, -2, 1, 5, 9], np.int32)  # noqa: E741
J = np.array([3, -3, 2, -2, 4], np.int32)
B = np.array([True, False, True, False])
C = np.array([True, True, False, False])

_ANY = "Abs Atan Asinh Ceil Cos Cosh Erf Erfc Exp Expm1 Floor IsFinite IsInf IsNan Neg Rint Round "
_ANY += "Sigmoid Sign Sin Sinh Square Tan Tanh BesselI0e BesselI1e Dawsn"
_POSITIVE = "Digamma Inv Lgamma Log Log1p Reciprocal Rsqrt Sqrt Expint Spence"
_UNIT = "Acos Asin Atanh Erfinv"
_FEATURES = "Elu Relu Relu6 Selu Softplus Softsign LeakyRelu"
_OF_RESULT = "InvGrad ReciprocalGrad RsqrtGrad SigmoidGrad SqrtGrad TanhGrad"
_OF_FEATURES = "EluGrad ReluGrad Relu6Grad SeluGrad SoftplusGrad SoftsignGrad LeakyReluGrad"
_BINARY = "Add AddV2 Sub Mul Maximum Minimum SquaredDifference Equal NotEqual Greater Less "
_BINARY += "GreaterEqual LessEqual Atan2 DivNoNan MulNoNan NextAfter Xdivy ApproximateEqual"
_QUOTIENTS = "Div FloorDiv FloorMod Mod RealDiv TruncateDiv TruncateMod"
_INTEGERS = "BitwiseAnd BitwiseOr BitwiseXor Div FloorDiv FloorMod TruncateDiv TruncateMod Mul Sub"

CASES = [
    *(case(op, F) for op in _ANY.split()),
    *(case(op, P) for op in _POSITIVE.split()),
    *(case(op, U) for op in _UNIT.split()),
    case("Acosh", P + 1),
    case("Ndtri", np.array([0.01, 0.3, 0.5, 0.9], np.float32)),
    *(case(op, F.astype(np.float64)) for op in ("Exp", "Tanh", "Sigmoid", "Erf", "Rint")),
    *(case(op, P.astype(np.float16)) for op in ("Exp", "Log", "Square", "Rsqrt")),
    *(case(op, Z) for op in ("Exp", "Square", "Sigmoid", "Conj", "Real", "Imag", "Angle")),
    case("ComplexAbs", Z),
    *(case(op, F) for op in _FEATURES.split()),
    *(case(op, P, P * 2) for op in _OF_RESULT.split()),
    case("TanhGrad", Z, Z),
    *(case(op, P, np.array([-1, 0, 0.5, 2, 7], np.float32)) for op in _OF_FEATURES.split()),
    *(case(op, F, F[::-1].copy()) for op in _BINARY.split()),
    case("Sub", F.reshape(7, 1), P),
    case("Sub", F, P),
    case("AddV2", np.float64(1), np.float64(2)),
    case("Add", [b"a", b"b"], b"c"),
    *(case(op, F, F[::-1].copy() + 5) for op in _QUOTIENTS.split() if op != "Div"),
    *(case(op, I, J) for op in _INTEGERS.split()),
    case("Div", F, F + 8),
    case("Mod", I, J),
    case("FloorDiv", I, np.zeros(5, np.int32)),
    case("FloorMod", np.zeros(0, np.int32), np.int32(0)),
    case("Pow", P, F[:5]),
    case("Pow", I, np.array([2, 3, 0, 1, 2], np.int32)),
    case("Pow", I, J),
    case("Xlogy", F[:5], P),
    case("Xlog1py", F[:5], P),
    case("Zeta", P + 2, P),
    case("Polygamma", np.array([1, 2, 3, 0, 1], np.float32), P),
    case("Igamma", P, P[::-1].copy()),
    case("Igammac", P, P[::-1].copy()),
    case("Betainc", P, P[::-1].copy(), np.array([0.1, 0.3, 0.5, 0.7, 0.9], np.float32)),
    case("LeftShift", I, np.array([1, 2, 3, 40, 0], np.int32)),
    case("RightShift", I, np.array([1, 2, 3, 40, 0], np.int32)),
    case("Invert", I),
    case("PopulationCount", I),
    case("LogicalAnd", B, C),
    case("LogicalOr", B, C),
    case("LogicalNot", B),
    case("Complex", F, F * 2),
    case("AddN", F, F, F, N=3),
    case("AddN", F, F, N=2),
    case("AccumulateNV2", F, F, N=2, shape=(7,)),
    case("ClipByValue", F, np.float32(-1), np.float32(1)),
    case("BroadcastGradientArgs", [2, 3, 1], [3, 4]),
    case("BroadcastGradientArgs", [2, 3], [2, 3]),
    case("BroadcastArgs", [2, 3, 1], [3, 4]),
    case("Cast", F, DstT="int32"),
    case("Cast", I, DstT="float32"),
    case("Cast", F, DstT="bool"),
    case("Cast", Z, DstT="float32"),
    case("Bitcast", F, type="int32"),
    case("Bitcast", F, type="uint8"),
    case("Bitcast", np.arange(8, dtype=np.uint8).reshape(2, 4), type="int32"),
]
