package dev.fluxion.ffi;

import java.nio.FloatBuffer;
import org.bytedeco.javacpp.FloatPointer;
import org.bytedeco.openblas.global.openblas_nolapack;

/**
 * The matrix product {@code C = alpha op(A) op(B) + beta C} of row-major floats by BLAS, where {@code op(A)} is
 * {@code m x k} and {@code op(B)} is {@code k x n}.
 *
 * @param m rows of C, at least 1
 * @param n columns of C, at least 1
 * @param k the length of the sums, at least 0
 * @param transposeA whether A is stored as {@code k x m}
 * @param transposeB whether B is stored as {@code n x k}
 * @param alpha the factor of the product
 * @param beta the factor of what C held before; 0 overwrites it, NaN included
 * @param strideA floats from one stored row of A to the next
 * @param strideB floats from one stored row of B to the next
 * @param strideC floats from one row of C to the next
 */
public record Gemm(
        int m,
        int n,
        int k,
        boolean transposeA,
        boolean transposeB,
        float alpha,
        float beta,
        int strideA,
        int strideB,
        int strideC) {
    /** Checks the sizes. */
    public Gemm {
        boolean sizes = m >= 1 && n >= 1 && k >= 0;
        if (!sizes || strideA < (transposeA ? m : k) || strideB < (transposeB ? k : n) || strideC < n) {
            throw new IllegalArgumentException(Errors.gemm(m, n, k, transposeA, transposeB, strideA, strideB, strideC));
        }
    }

    /** The product of dense matrices, with alpha 1 and beta 0. */
    public static Gemm of(int m, int n, int k) {
        return new Gemm(m, n, k, false, false, 1, 0, k, n, n);
    }

    /** The same product with A, B or both stored transposed; strides become those of dense matrices. */
    public Gemm transpose(boolean a, boolean b) {
        return new Gemm(m, n, k, a, b, alpha, beta, a ? m : k, b ? k : n, strideC);
    }

    /** The same product with these factors. */
    public Gemm scale(float alpha, float beta) {
        return new Gemm(m, n, k, transposeA, transposeB, alpha, beta, strideA, strideB, strideC);
    }

    /** The same product of the first rows of A alone, so many. */
    public Gemm rows(int count) {
        return new Gemm(count, n, k, transposeA, transposeB, alpha, beta, strideA, strideB, strideC);
    }

    /** The same product on rows this many floats apart. */
    public Gemm strides(int a, int b, int c) {
        return new Gemm(m, n, k, transposeA, transposeB, alpha, beta, a, b, c);
    }

    /**
     * Puts the matrices in place. C must not overlap A or B.
     *
     * @throws IllegalArgumentException if a slice is too short
     */
    public Call bind(Slice a, Slice b, Slice c) {
        Blas.require(this, "A", a, extent(transposeA ? k : m, transposeA ? m : k, strideA));
        Blas.require(this, "B", b, extent(transposeB ? n : k, transposeB ? k : n, strideB));
        Blas.require(this, "C", c, extent(m, n, strideC));
        if (k == 0 || alpha == 0) {
            return scaleOnly(c);
        }
        int opA = transposeA ? openblas_nolapack.CblasTrans : openblas_nolapack.CblasNoTrans;
        int opB = transposeB ? openblas_nolapack.CblasTrans : openblas_nolapack.CblasNoTrans;
        FloatPointer pa = Blas.pointer(a);
        FloatPointer pb = Blas.pointer(b);
        FloatPointer pc = Blas.pointer(c);
        if (m == 1) {
            return Blas.call(
                    this,
                    () -> openblas_nolapack.cblas_sgemv(
                            openblas_nolapack.CblasRowMajor,
                            transposeB ? openblas_nolapack.CblasNoTrans : openblas_nolapack.CblasTrans,
                            transposeB ? n : k,
                            transposeB ? k : n,
                            alpha,
                            pb,
                            strideB,
                            pa,
                            transposeA ? strideA : 1,
                            beta,
                            pc,
                            1),
                    a,
                    b,
                    c);
        }
        return Blas.call(
                this,
                () -> openblas_nolapack.cblas_sgemm(
                        openblas_nolapack.CblasRowMajor,
                        opA,
                        opB,
                        m,
                        n,
                        k,
                        alpha,
                        pa,
                        strideA,
                        pb,
                        strideB,
                        beta,
                        pc,
                        strideC),
                a,
                b,
                c);
    }

    /** OpenBLAS leaves C as it is, whatever beta says, or worse: it is not called at all. */
    private Call scaleOnly(Slice c) {
        FloatBuffer floats = c.floats();
        return Blas.call(
                this,
                () -> {
                    for (int i = 0; i < m; i++) {
                        for (int j = i * strideC; j < i * strideC + n; j++) {
                            floats.put(j, beta == 0 ? 0 : beta * floats.get(j));
                        }
                    }
                },
                c);
    }

    private static long extent(long rows, long columns, long stride) {
        return rows == 0 || columns == 0 ? 0 : (rows - 1) * stride + columns;
    }
}
