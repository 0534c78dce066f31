package dev.fluxion.examples.cli;

/** Eigenvalues of small symmetric matrices, by Jacobi's rotations. */
final class SymmetricMatrix {
    private static final int SWEEPS = 60;

    private SymmetricMatrix() {}

    /**
     * Finds the eigenvalues, whose vectors have length 1.
     *
     * @param matrix is changed
     * @param vectors takes a vector in each row
     */
    static double[] diagonalise(double[][] matrix, double[][] vectors) {
        int size = matrix.length;
        for (int i = 0; i < size; i++) {
            vectors[i][i] = 1;
        }
        for (int sweep = 0; sweep < SWEEPS; sweep++) {
            for (int i = 0; i < size; i++) {
                for (int j = i + 1; j < size; j++) {
                    rotate(matrix, vectors, i, j);
                }
            }
        }
        double[] values = new double[size];
        for (int i = 0; i < size; i++) {
            values[i] = matrix[i][i];
        }
        return values;
    }

    /** Makes the element of a row and a column 0. */
    private static void rotate(double[][] matrix, double[][] vectors, int i, int j) {
        double angle = 0.5 * Math.atan2(2 * matrix[i][j], matrix[j][j] - matrix[i][i]);
        double cos = Math.cos(angle);
        double sin = Math.sin(angle);
        for (double[] row : matrix) {
            double a = row[i];
            row[i] = cos * a - sin * row[j];
            row[j] = sin * a + cos * row[j];
        }
        turn(matrix[i], matrix[j], cos, sin);
        turn(vectors[i], vectors[j], cos, sin);
    }

    private static void turn(double[] one, double[] other, double cos, double sin) {
        for (int k = 0; k < one.length; k++) {
            double a = one[k];
            one[k] = cos * a - sin * other[k];
            other[k] = sin * a + cos * other[k];
        }
    }
}
