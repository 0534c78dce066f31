package dev.fluxion.engine.kernel;

/**
 * The logistic function and the hyperbolic tangent of a few floats, faster than a call of the library takes to begin. Both are made of
 * u = eˣ − 1, which keeps its digits where eˣ is near 1: a short series for a 64th of x, and then e²ʸ − 1 = u(2 + u), six times. They are
 * off by less than 10⁻⁶ of what they are, the logistic function of −2 and less by up to 5·10⁻⁷ times as much as its operand. It is 0 of
 * −∞, and NaN stays NaN.
 */
final class Squash {
    /** eˣ with an exponent below the negative of this one, added to 1, or 1 added to one above, does not change a float. */
    private static final float FAR = 22;
    /** eˣ is infinite, and its reciprocal is 0. */
    private static final float INFINITE = 128;

    private static final float SHARE = 1 / 64f;

    private Squash() {}

    /** 1/(1 + e⁻ˣ) of each number, in place; {@code room} is for as many. */
    static void logistic(float[] x, float[] room, int n) {
        grown(x, -1, INFINITE, room, n);
        for (int i = 0; i < n; i++) {
            x[i] = 1 / (2 + room[i]);
        }
    }

    /** tanh x = (e²ˣ − 1)/(e²ˣ + 1) of each number, in place; {@code room} is for as many. */
    static void tangent(float[] x, float[] room, int n) {
        grown(x, 2, FAR, room, n);
        for (int i = 0; i < n; i++) {
            x[i] = room[i] / (2 + room[i]);
        }
    }

    /** e to the power of a multiple of each number, up to an exponent, less 1. Short loops become loops of vectors. */
    private static void grown(float[] x, float factor, float most, float[] to, int n) {
        for (int i = 0; i < n; i++) {
            float r = Math.min(Math.max(x[i] * factor, -FAR), most) * SHARE;
            float last = 1 / 362_880f + r * (1 / 3_628_800f + r * (1 / 39_916_800f + r * (1 / 479_001_600f)));
            float far = 1 / 120f + r * (1 / 720f + r * (1 / 5040f + r * (1 / 40_320f + r * last)));
            to[i] = r * (1 + r * (1 / 2f + r * (1 / 6f + r * (1 / 24f + r * far))));
        }
        for (int i = 0; i < n; i++) {
            float u = to[i];
            u *= 2 + u;
            u *= 2 + u;
            u *= 2 + u;
            u *= 2 + u;
            u *= 2 + u;
            u *= 2 + u;
            to[i] = u;
        }
    }
}
