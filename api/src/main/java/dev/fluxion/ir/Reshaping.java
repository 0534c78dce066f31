package dev.fluxion.ir;

/** Resolves the extent that a reshape leaves open. */
final class Reshaping {
    /** More elements than a shape holds. */
    private static final long MORE = 1L << 31;

    private Reshaping() {}

    static Shape resolve(Shape from, int[] to) {
        int open = -1;
        long known = 1;
        for (int i = 0; i < Given.require("reshape", "the extents", to).length; i++) {
            if (to[i] == -1 && open < 0) {
                open = i;
            } else {
                known = Math.min(known * Math.max(to[i], 0), MORE);
            }
        }
        if (open < 0) {
            return Shape.of(to);
        }
        if (known == 0 || from.size() % known != 0) {
            throw new ShapeException(Errors.cannotInfer(from, to));
        }
        int[] dims = to.clone();
        dims[open] = (int) (from.size() / known);
        return Shape.of(dims);
    }
}
