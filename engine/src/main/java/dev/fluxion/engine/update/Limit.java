package dev.fluxion.engine.update;

/** Up to where gradients are known to keep every number of an update within float32's range. Kernels read it. */
final class Limit {
    /** Of all that is finite. */
    static final Limit FINITE = new Limit(Float.MAX_VALUE);

    private volatile double squares;
    private volatile boolean exceeded;

    Limit(double squares) {
        this.squares = squares;
    }

    /** The largest sum of squares that is known to do no harm; below 0 if nothing is known. */
    double squares() {
        return squares;
    }

    void squares(double most) {
        squares = most;
    }

    /** Notes that gradients went beyond it, which did no harm this time. */
    void exceed() {
        exceeded = true;
    }

    /** Whether they did since this was asked last. */
    boolean wasExceeded() {
        boolean was = exceeded;
        if (was) {
            exceeded = false;
        }
        return was;
    }
}
