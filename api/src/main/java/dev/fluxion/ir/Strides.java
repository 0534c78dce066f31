package dev.fluxion.ir;

/** Walks over tensors by strides, the shared loop of the interpreter's movement and reduction operators. */
final class Strides {
    private Strides() {}

    /** Strides, per axis of {@code over}, of a dense tensor that is broadcast to it: 0 where it stretches. */
    static int[] broadcast(Shape dense, Shape over) {
        int[] own = dense.strides();
        int[] strides = new int[over.rank()];
        int shift = over.rank() - dense.rank();
        for (int i = shift; i < strides.length; i++) {
            strides[i] = dense.dim(i - shift) == 1 ? 0 : own[i - shift];
        }
        return strides;
    }

    /** Visits every index of {@code shape} in row-major order with its dense offset and its offset under {@code strides}. */
    static void walk(Shape shape, int[] strides, Visit visit) {
        int[] index = new int[shape.rank()];
        int other = 0;
        for (int dense = 0; dense < shape.size(); dense++) {
            visit.at(dense, other);
            for (int axis = shape.rank() - 1; axis >= 0; axis--) {
                other += strides[axis];
                if (++index[axis] < shape.dim(axis)) {
                    break;
                }
                other -= strides[axis] * shape.dim(axis);
                index[axis] = 0;
            }
        }
    }

    interface Visit {
        void at(int dense, int other);
    }

    /** Takes one more element into an accumulator. */
    interface Fold {
        void accept(double[] acc, int i, double x);
    }
}
