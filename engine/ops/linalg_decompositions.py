"""Decompositions, inverses and solutions of (batches of) matrices."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from ..errors import InvalidArgumentError
from .linalg_batch import adjoint
from .registry import Attrs, Kernel, op
from .shapes import text, unchanged


def _square(x: Any) -> None:
    if x.ndim < 2:
        raise InvalidArgumentError(f"Input tensor 0 must have rank >= 2, got {x.ndim}")
    if x.shape[-1] != x.shape[-2]:
        raise InvalidArgumentError(f"Input matrix must be square, got {text(x)}")


def _singular(_: Attrs, __: Sequence[Any]) -> Exception:
    return InvalidArgumentError("Input matrix is not invertible.")


def _no_inverse(_: Attrs, __: Sequence[Any]) -> Exception:
    return InvalidArgumentError("Input is not invertible.")


def _not_positive(_: Attrs, __: Sequence[Any]) -> Exception:
    return InvalidArgumentError(
        "Cholesky decomposition was not successful. The input might not be valid."
    )


@op("Cholesky", "input: T", "output: T", "T: type", shape=unchanged, explain=_not_positive)
def cholesky(attrs: Attrs) -> Kernel:
    """The lower triangular matrix whose product with its adjoint is the input."""

    def kernel(x: Any) -> Any:
        _square(x)
        return np.linalg.cholesky(x)

    return kernel


@op("CholeskyGrad", "l: T, grad: T", "output: T", "T: type", shape=unchanged)
def cholesky_grad(attrs: Attrs) -> Kernel:
    """The gradient of Cholesky (Murray, 2016)."""

    def kernel(factor: Any, grad: Any) -> Any:
        inverse = np.linalg.inv(factor)
        middle = np.tril(np.matmul(np.swapaxes(factor, -1, -2), np.tril(grad)))
        places = np.arange(factor.shape[-1])
        middle[..., places, places] *= middle.dtype.type(0.5)
        whole = np.matmul(np.matmul(np.swapaxes(inverse, -1, -2), middle), inverse)
        return ((whole + np.swapaxes(whole, -1, -2)) * whole.dtype.type(0.5)).astype(grad.dtype)

    return kernel


@op(
    "MatrixInverse",
    "input: T",
    "output: T",
    "adjoint: bool = false, T: type",
    shape=unchanged,
    explain=_no_inverse,
)
def matrix_inverse(attrs: Attrs) -> Kernel:
    """The inverse of each matrix, or of its adjoint."""
    turn: bool = attrs["adjoint"]

    def kernel(x: Any) -> Any:
        _square(x)
        return np.linalg.inv(adjoint(x) if turn else x)

    return kernel


@op("MatrixDeterminant", "input: T", "output: T", "T: type")
def matrix_determinant(attrs: Attrs) -> Kernel:
    """The determinant of each matrix."""
    dtype = attrs["T"].numpy

    def kernel(x: Any) -> Any:
        _square(x)
        return np.asarray(np.linalg.det(x), dtype)

    return kernel


@op("LogMatrixDeterminant", "input: T", "sign: T, log_abs_determinant: T", "T: type")
def log_matrix_determinant(attrs: Attrs) -> Kernel:
    """The sign and the logarithm of the absolute value of each determinant."""
    dtype = attrs["T"].numpy

    def kernel(x: Any) -> Any:
        _square(x)
        sign, logarithm = np.linalg.slogdet(x)
        return np.asarray(sign, dtype), np.asarray(logarithm, dtype)

    return kernel


def _check_solve(matrix: Any, rhs: Any) -> None:
    if matrix.shape[-2] != rhs.shape[-2]:
        raise InvalidArgumentError(
            f"Input matrix and rhs are incompatible: {text(matrix)} vs. {text(rhs)}"
        )


@op(
    "MatrixSolve",
    "matrix: T, rhs: T",
    "output: T",
    "adjoint: bool = false, T: type",
    explain=_singular,
)
def matrix_solve(attrs: Attrs) -> Kernel:
    """The solutions of matrix @ x = rhs, or with the adjoint of the matrix."""
    turn: bool = attrs["adjoint"]

    def kernel(matrix: Any, rhs: Any) -> Any:
        _square(matrix)
        _check_solve(matrix, rhs)
        return np.linalg.solve(adjoint(matrix) if turn else matrix, rhs)

    return kernel


@op(
    "MatrixTriangularSolve",
    "matrix: T, rhs: T",
    "output: T",
    "lower: bool = true, adjoint: bool = false, T: type",
    explain=_singular,
)
def matrix_triangular_solve(attrs: Attrs) -> Kernel:
    """The solutions of matrix @ x = rhs where only one triangle of the matrix counts."""
    lower: bool = attrs["lower"]
    turn: bool = attrs["adjoint"]

    def kernel(matrix: Any, rhs: Any) -> Any:
        _square(matrix)
        _check_solve(matrix, rhs)
        triangle = np.tril(matrix) if lower else np.triu(matrix)
        return np.linalg.solve(adjoint(triangle) if turn else triangle, rhs)

    return kernel


@op(
    "MatrixSolveLs",
    "matrix: T, rhs: T, l2_regularizer: float64",
    "output: T",
    "T: type, fast: bool = true",
)
def matrix_solve_ls(attrs: Attrs) -> Kernel:
    """The least-squares solutions of matrix @ x = rhs; for fast ones, regularised."""
    fast: bool = attrs["fast"]

    def kernel(matrix: Any, rhs: Any, l2_regularizer: Any) -> Any:
        _check_solve(matrix, rhs)
        if not fast:
            return np.matmul(np.linalg.pinv(matrix), rhs)
        turned = adjoint(matrix)
        penalty = matrix.dtype.type(l2_regularizer)
        rows, columns = matrix.shape[-2:]
        if rows >= columns:
            gram = np.matmul(turned, matrix) + penalty * np.eye(columns, dtype=matrix.dtype)
            return np.linalg.solve(gram, np.matmul(turned, rhs))
        gram = np.matmul(matrix, turned) + penalty * np.eye(rows, dtype=matrix.dtype)
        return np.matmul(turned, np.linalg.solve(gram, rhs))

    return kernel


@op("Qr", "input: T", "q: T, r: T", "full_matrices: bool = false, T: type")
def qr(attrs: Attrs) -> Kernel:
    """Matrices with orthonormal columns and upper triangular ones, whose product is the input."""
    mode = "complete" if attrs["full_matrices"] else "reduced"

    def kernel(x: Any) -> Any:
        q, r = np.linalg.qr(x, mode)
        return q, r

    return kernel


@op(
    "Svd",
    "input: T",
    "s: T, u: T, v: T",
    "compute_uv: bool = true, full_matrices: bool = false, T: type",
)
def svd(attrs: Attrs) -> Kernel:
    """Singular values, largest first, and the left and right singular vectors."""
    with_vectors: bool = attrs["compute_uv"]
    full: bool = attrs["full_matrices"]
    dtype = attrs["T"].numpy

    def kernel(x: Any) -> Any:
        if not with_vectors:
            values = np.linalg.svd(x, compute_uv=False)
            nothing = dtype.type(0)
            return values.astype(dtype), nothing, nothing
        u, values, v = np.linalg.svd(x, full_matrices=full)
        return values.astype(dtype), u, adjoint(v)

    return kernel


@op("SelfAdjointEigV2", "input: T", "e: T, v: T", "compute_v: bool = true, T: type")
def self_adjoint_eig_v2(attrs: Attrs) -> Kernel:
    """Eigenvalues, smallest first, and eigenvectors of self-adjoint matrices."""
    with_vectors: bool = attrs["compute_v"]
    dtype = attrs["T"].numpy

    def kernel(x: Any) -> Any:
        _square(x)
        if not with_vectors:
            return np.linalg.eigvalsh(x).astype(dtype), dtype.type(0)
        values, vectors = np.linalg.eigh(x)
        return values.astype(dtype), vectors

    return kernel


@op("Eig", "input: T", "e: Tout, v: Tout", "compute_v: bool = true, T: type, Tout: type")
def eig(attrs: Attrs) -> Kernel:
    """Eigenvalues and eigenvectors of square matrices."""
    with_vectors: bool = attrs["compute_v"]
    dtype = attrs["Tout"].numpy

    def kernel(x: Any) -> Any:
        _square(x)
        values, vectors = np.linalg.eig(x)
        return values.astype(dtype), vectors.astype(dtype) if with_vectors else dtype.type(0)

    return kernel


def _eliminate(matrix: Any) -> tuple[Any, Any]:
    """(both triangular factors in one matrix, the permutation of rows) by Gauss's elimination."""
    lu = np.array(matrix)
    length = lu.shape[0]
    order = np.arange(length)
    for k in range(length):
        pivot = k + int(np.argmax(np.abs(lu[k:, k])))
        if not lu[pivot, k]:
            raise InvalidArgumentError("Input is not invertible.")
        if pivot != k:
            lu[[k, pivot]] = lu[[pivot, k]]
            order[[k, pivot]] = order[[pivot, k]]
        lu[k + 1 :, k] /= lu[k, k]
        lu[k + 1 :, k + 1 :] -= np.outer(lu[k + 1 :, k], lu[k, k + 1 :])
    return lu, order


@op("Lu", "input: T", "lu: T, p: output_idx_type", "T: type, output_idx_type: type = int32")
def lu(attrs: Attrs) -> Kernel:
    """Triangular factors of square matrices with rows permuted, and the permutations."""
    dtype = attrs["output_idx_type"].numpy

    def kernel(x: Any) -> Any:
        _square(x)
        found = [_eliminate(matrix) for matrix in x.reshape((-1, *x.shape[-2:]))]
        factors = np.array([factor for factor, _ in found], x.dtype).reshape(x.shape)
        orders = np.array([order for _, order in found], dtype).reshape(x.shape[:-1])
        return factors, orders

    return kernel


def _by_eigenvalues(x: Any, function: Any) -> Any:
    values, vectors = np.linalg.eig(x.astype(np.complex128))
    scaled = vectors * function(values)[..., None, :]
    result = np.matmul(scaled, np.linalg.inv(vectors))
    return result.astype(x.dtype) if x.dtype.kind == "c" else result.real.astype(x.dtype)


@op("MatrixSquareRoot", "input: T", "output: T", "T: type", shape=unchanged)
def matrix_square_root(attrs: Attrs) -> Kernel:
    """The matrices whose squares are the (diagonalisable) input."""
    return lambda x: _by_eigenvalues(x, np.sqrt)


@op("MatrixLogarithm", "input: T", "output: T", "T: type", shape=unchanged)
def matrix_logarithm(attrs: Attrs) -> Kernel:
    """The matrices whose exponentials are the (diagonalisable) input."""
    return lambda x: _by_eigenvalues(x, np.log)


@op("Cross", "a: T, b: T", "product: T", "T: type", shape=unchanged)
def cross(attrs: Attrs) -> Kernel:
    """The cross products of vectors of three elements."""

    def kernel(a: Any, b: Any) -> Any:
        if a.shape != b.shape:
            raise InvalidArgumentError(
                f"Both inputs must be of same shape: {text(a)} vs. {text(b)}"
            )
        if not a.ndim or a.shape[-1] != 3:
            raise InvalidArgumentError(
                f"Cross-products are only defined for 3-element vectors, found {text(a)}"
            )
        return np.cross(a, b)

    return kernel


def _bands(superdiag: Any, maindiag: Any, subdiag: Any) -> Any:
    """Whole matrices of three diagonals; the unused ends of the outer two do not count."""
    length = maindiag.shape[-1]
    matrix = np.zeros((*maindiag.shape, length), maindiag.dtype)
    i = np.arange(length)
    matrix[..., i, i] = maindiag
    matrix[..., i[:-1], i[1:]] = superdiag[..., :-1]
    matrix[..., i[1:], i[:-1]] = subdiag[..., 1:]
    return matrix


@op("TridiagonalMatMul", "superdiag: T, maindiag: T, subdiag: T, rhs: T", "output: T", "T: type")
def tridiagonal_mat_mul(attrs: Attrs) -> Kernel:
    """The products of matrices of three diagonals with others."""

    def kernel(superdiag: Any, maindiag: Any, subdiag: Any, rhs: Any) -> Any:
        rows = (value[..., 0, :] for value in (superdiag, maindiag, subdiag))
        return np.matmul(_bands(*rows), rhs)

    return kernel


@op(
    "TridiagonalSolve",
    "diagonals: T, rhs: T",
    "output: T",
    "partial_pivoting: bool = true, perturb_singular: bool = false, T: type",
)
def tridiagonal_solve(attrs: Attrs) -> Kernel:
    """The solutions of systems whose matrices have three diagonals."""

    def kernel(diagonals: Any, rhs: Any) -> Any:
        rows = (diagonals[..., i, :] for i in range(3))
        return np.linalg.solve(_bands(*rows), rhs)

    return kernel
