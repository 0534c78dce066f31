package dev.fluxion.ir;

/**
 * The function e^(x²)·(1 − erf x) of numbers from 0 on, which falls slowly from 1 like 1/x: the tail of the normal
 * distribution without its bell, to two units in the last place. Up to 6 it is a series about the nearest of 48 nodes,
 * beyond a short continued fraction.
 */
final class NormalTail {
    private static final int NODES_PER_UNIT = 8;
    private static final int TERMS = 12;
    /** How many terms of the fraction there are; from 6 on, the next ones change nothing. */
    private static final int DEPTH = 20;

    /** The function at 1/16, 3/16, 5/16, …, computed with 50 digits. */
    private static final double[] NODES = {
        0.9332062486492742, 0.819181308058672, 0.7260859551237695, 0.6491932500538647,
        0.5849986214749657, 0.5308708724175545, 0.4848108285616202, 0.4452822731368817,
        0.4110920544448305, 0.3813040589667179, 0.3551767864976341, 0.33211756272837234,
        0.31164860864813004, 0.2933816487652772, 0.27699873067305275, 0.2622376065503814,
        0.24888049618416236, 0.23674537874014628, 0.22567919160681937, 0.21555247915117748,
        0.2062551523865009, 0.19769310614997299, 0.18978550290899462, 0.18246257834403473,
        0.17566385800258433, 0.16933669983724775, 0.1634350966466223, 0.1579186869907276,
        0.1527519342528475, 0.14790344203959, 0.14334538069033212, 0.13905300477781452,
        0.13500424547381068, 0.13117936478927295, 0.1275606611739247, 0.12413221792470756,
        0.12087968741895448, 0.11779010544315296, 0.11485173089819488, 0.11205390697846082,
        0.10938694058485879, 0.10684199727215926, 0.10441100947304524, 0.10208659610444017,
        0.09986199196108768, 0.09773098554910245, 0.095687864217917, 0.09372736562042129,
    };

    private static final double[][] SERIES = new double[NODES.length][];

    static {
        for (int i = 0; i < NODES.length; i++) {
            SERIES[i] = series(node(i), NODES[i]);
        }
    }

    private NormalTail() {}

    static double of(double x) {
        int nearest = (int) (x * NODES_PER_UNIT);
        return nearest < NODES.length ? polynomial(SERIES[nearest], x - node(nearest)) : fraction(x);
    }

    private static double node(int i) {
        return (i + 0.5) / NODES_PER_UNIT;
    }

    /** Taylor's coefficients about x, where the function is y, by its equation y′ = 2xy − 2/√π. */
    private static double[] series(double x, double y) {
        double[] c = new double[TERMS];
        c[0] = y;
        c[1] = 2 * (x * y - 1 / Math.sqrt(Math.PI));
        for (int n = 2; n < TERMS; n++) {
            c[n] = 2 * (x * c[n - 1] + c[n - 2]) / n;
        }
        return c;
    }

    /** The sum of c[n]·xⁿ. */
    static double polynomial(double[] c, double x) {
        double sum = 0;
        for (int n = c.length - 1; n >= 0; n--) {
            sum = sum * x + c[n];
        }
        return sum;
    }

    /** Abramowitz and Stegun 7.1.14, evaluated from the far end. */
    private static double fraction(double x) {
        double rest = x;
        for (int n = DEPTH; n > 0; n--) {
            rest = x + 0.5 * n / rest;
        }
        return 1 / (Math.sqrt(Math.PI) * rest);
    }
}
