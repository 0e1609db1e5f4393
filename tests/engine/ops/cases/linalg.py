"""Products, decompositions, transforms, sparse tensors."""

import numpy as np
from op_cases import case

RNG = np.random.default_rng(11)
A = RNG.standard_normal((2, 3, 3)).astype(np.float32)
S = (A @ A.transpose(0, 2, 1) + 2 * np.eye(3, dtype=np.float32)).astype(np.float32)
R = RNG.standard_normal((2, 3, 2)).astype(np.float32)
T = np.abs(RNG.standard_normal((3, 4))).astype(np.float32) + 1
Z = (A + 1j * A[::-1]).astype(np.complex64)
SPI = np.array([[0, 1], [1, 0], [1, 2]], np.int64)
SPV = np.array([1.0, 2.0, 3.0], np.float32)
SPS = np.array([2, 3], np.int64)

CASES = [
    case("MatMul", A[0], R[0]),
    case("MatMul", R[0], A[0], transpose_a=True),
    case("MatMul", A[0], R[0], transpose_b=True),
    case("BatchMatMul", A, R),
    case("BatchMatMulV2", A, R[0]),
    case("BatchMatMulV2", Z, Z, adj_x=True),
    case("BatchMatMulV3", A, R, Tout="float32"),
    case("Einsum", A, R, N=2, equation=b"bij,bjk->bik"),
    case("Cholesky", S),
    case("CholeskyGrad", np.linalg.cholesky(S), A),
    case("MatrixInverse", S),
    case("MatrixInverse", np.zeros((2, 2), np.float32)),
    case("MatrixDeterminant", S),
    case("LogMatrixDeterminant", S),
    case("MatrixSolve", S, R),
    case("MatrixTriangularSolve", S, R),
    case("MatrixTriangularSolve", S, R, lower=False, adjoint=True),
    case("MatrixSolveLs", A, R, np.float64(0.1)),
    case("Svd", A, compute_uv=False),
    case("SelfAdjointEigV2", S, compute_v=False),
    case("Qr", A),
    case("Eig", np.array([[2, 0], [0, 3]], np.float32), Tout="complex64", compute_v=False),
    case("Lu", S),
    case("MatrixSquareRoot", S.astype(np.complex128)),
    case("MatrixLogarithm", S.astype(np.complex128)),
    case("Cross", A, A[::-1].copy()),
    case("TridiagonalMatMul", T[None, 0:1], T[None, 1:2], T[None, 2:3], T.T[None].copy()),
    case("TridiagonalSolve", T + np.array([[0], [5], [0]], np.float32), T.T.copy()),
    *(case(op, Z) for op in ("FFT", "IFFT", "FFT2D", "IFFT2D", "FFT3D", "IFFT3D")),
    case("RFFT", A, [3]),
    case("IRFFT", Z, [4]),
    case("RFFT2D", A, [3, 3]),
    case("IRFFT2D", Z, [3, 4]),
    case("RFFT3D", A, [2, 3, 3]),
    case("IRFFT3D", Z, [2, 3, 4]),
    case("SparseToDense", SPI, SPS, SPV, 0.0),
    case("SparseToDense", SPI[::-1].copy(), SPS, SPV, 0.0),
    case("SparseTensorDenseAdd", SPI, SPV, SPS, R[0].T.copy()),
    case("SparseTensorDenseMatMul", SPI, SPV, SPS, R[0]),
    case("SparseReduceSum", SPI, SPV, SPS, [1]),
    case("SparseReshape", SPI, SPS, np.array([3, -1], np.int64)),
    case("SparseReorder", SPI[::-1].copy(), SPV, SPS),
    case("SparseFillEmptyRows", SPI, SPV, np.array([4, 3], np.int64), 9.0),
    case("SparseSlice", SPI, SPV, SPS, np.array([0, 1], np.int64), np.array([2, 2], np.int64)),
    case("SparseSoftmax", SPI, SPV, SPS),
    case("SparseAdd", SPI, SPV, SPS, SPI[:1], SPV[:1], SPS, 0.0),
    case("SparseConcat", SPI, SPI, SPV, SPV, SPS, SPS, N=2, concat_dim=1),
]
