package dev.fluxion.ir;

import java.util.List;
import java.util.function.DoubleUnaryOperator;

/**
 * How the elements of a {@link Leaf.Table} follow from whole numbers, the first of which is at least 1. Places are those along an axis
 * that elements are taken from, weights are what they are multiplied by.
 */
public enum TableRule {
    /** The places of an axis of extent n₀ with mirror images, n₁ in front and n₂ behind; the edge itself is not repeated. */
    REFLECTED(3) {
        @Override
        boolean hasAll(List<Integer> n) {
            return Math.max(n.get(1), n.get(2)) < n.get(0);
        }

        @Override
        long length(List<Integer> n) {
            return (long) n.get(0) + n.get(1) + n.get(2);
        }

        @Override
        double at(int i, int[] n, double scale) {
            int at = i - n[1];
            int last = n[0] - 1;
            return at < 0 ? -at : at > last ? 2.0 * last - at : at;
        }
    },
    /** The places of an axis of extent n₀ that goes round, n₁ more in front and n₂ behind. */
    WRAPPED(3) {
        @Override
        boolean hasAll(List<Integer> n) {
            return Math.max(n.get(1), n.get(2)) <= n.get(0);
        }

        @Override
        long length(List<Integer> n) {
            return (long) n.get(0) + n.get(1) + n.get(2);
        }

        @Override
        double at(int i, int[] n, double scale) {
            return Math.floorMod((long) i - n[1], n[0]);
        }
    },
    /** The places of an axis of extent n₀ whose edges go on, n₁ places in front and n₂ behind. */
    REPEATED(3) {
        @Override
        long length(List<Integer> n) {
            return (long) n.get(0) + n.get(1) + n.get(2);
        }

        @Override
        double at(int i, int[] n, double scale) {
            return Math.max(0, Math.min(n[0] - 1L, (long) i - n[1]));
        }
    },
    /** The places of n₀ windows, n₂ apart, of n₃ elements, n₁ apart: each one's first element, each one's second, and so on. */
    WINDOWS(4) {
        @Override
        boolean hasAll(List<Integer> n) {
            return n.get(1) >= 0
                    && n.get(2) >= 0
                    && n.get(3) >= 0
                    && (n.get(3) - 1L) * n.get(1) + (n.get(0) - 1L) * n.get(2) <= Integer.MAX_VALUE;
        }

        @Override
        long length(List<Integer> n) {
            return (long) n.get(0) * n.get(3);
        }

        @Override
        double at(int i, int[] n, double scale) {
            long first = (long) (i / n[0]) * n[1];
            return first + (long) (i % n[0]) * n[2];
        }
    },
    /** The nearest places, in float32 as PyTorch, where an axis of extent n₀ becomes one of n₁. */
    NEAREST(2) {
        @Override
        double at(int i, int[] n, double scale) {
            boolean isTwice = n[1] == 2L * n[0];
            double place = isTwice ? i * 0.5 : (double) (i * (float) step(n, scale));
            return Math.min(n[0] - 1, Math.floor(place));
        }
    },
    /** The same, measured from the middle of each element. */
    NEAREST_EXACT(2) {
        @Override
        double at(int i, int[] n, double scale) {
            return Math.min(n[0] - 1, Math.floor((float) ((i + 0.5) * (float) step(n, scale))));
        }
    },
    /** The places of element n₂ of the two around each place, where an axis of extent n₀ becomes one of n₁. */
    LINEAR_PLACES(3) {
        @Override
        double at(int i, int[] n, double scale) {
            return place(Math.max(0, middle(i, n, scale)), 0, n);
        }
    },
    /** The weights of these. */
    LINEAR_WEIGHTS(3) {
        @Override
        double at(int i, int[] n, double scale) {
            return weight(Math.max(0, middle(i, n, scale)), LINEAR, n);
        }
    },
    /** {@link #LINEAR_PLACES} where the first and the last elements stay where they are. */
    LINEAR_ALIGNED_PLACES(3) {
        @Override
        double at(int i, int[] n, double scale) {
            return place(aligned(i, n), 0, n);
        }
    },
    /** The weights of these. */
    LINEAR_ALIGNED_WEIGHTS(3) {
        @Override
        double at(int i, int[] n, double scale) {
            return weight(aligned(i, n), LINEAR, n);
        }
    },
    /** The places of element n₂ of the four around each place, where an axis of extent n₀ becomes one of n₁. */
    CUBIC_PLACES(3) {
        @Override
        double at(int i, int[] n, double scale) {
            return place(middle(i, n, scale), -1, n);
        }
    },
    /** The weights of these (Keys, 1981, with the slope −0.75). */
    CUBIC_WEIGHTS(3) {
        @Override
        double at(int i, int[] n, double scale) {
            return weight(middle(i, n, scale), CUBIC, n);
        }
    },
    /** {@link #CUBIC_PLACES} where the first and the last elements stay where they are. */
    CUBIC_ALIGNED_PLACES(3) {
        @Override
        double at(int i, int[] n, double scale) {
            return place(aligned(i, n), -1, n);
        }
    },
    /** The weights of these. */
    CUBIC_ALIGNED_WEIGHTS(3) {
        @Override
        double at(int i, int[] n, double scale) {
            return weight(aligned(i, n), CUBIC, n);
        }
    };

    private static final double SLOPE = -0.75;

    /** By how far a place is behind the element at or before it. */
    private static final List<DoubleUnaryOperator> LINEAR = List.of(t -> 1 - t, t -> t);

    private static final List<DoubleUnaryOperator> CUBIC =
            List.of(t -> far(1 + t), TableRule::near, t -> near(1 - t), t -> far(2 - t));

    private final int numbers;

    TableRule(int numbers) {
        this.numbers = numbers;
    }

    /** Whether its elements are places, which are integers. */
    boolean isOfPlaces() {
        return !name().endsWith("WEIGHTS");
    }

    /** How many elements around each place there are. */
    private int taps() {
        return name().startsWith("LINEAR") ? LINEAR.size() : CUBIC.size();
    }

    private boolean isOfTaps() {
        return name().startsWith("LINEAR") || name().startsWith("CUBIC");
    }

    /** Whether there are such tables. If there is a scale, an axis becomes so many times as long, rounded down. */
    boolean fits(List<Integer> n, double scale) {
        return n.size() == numbers
                && n.get(0) >= 1
                && hasAll(n)
                && (!isOfTaps() || n.get(2) >= 0 && n.get(2) < taps())
                && (scale == 0 || n.get(1) == Math.floor(n.get(0) * scale))
                && length(n) >= 0
                && length(n) <= Leaf.Table.MOST;
    }

    /** Whether there are all elements that the numbers ask for. */
    boolean hasAll(List<Integer> n) {
        return true;
    }

    /** How many elements there are. */
    long length(List<Integer> n) {
        return n.get(1);
    }

    /** An element. The scale is 0 if the extents alone tell how far places are apart. */
    abstract double at(int i, int[] n, double scale);

    private static double step(int[] n, double scale) {
        return scale > 0 ? 1 / scale : (double) n[0] / n[1];
    }

    private static double middle(int i, int[] n, double scale) {
        return (i + 0.5) * step(n, scale) - 0.5;
    }

    private static double aligned(int i, int... n) {
        return n[1] > 1 ? i * ((n[0] - 1.0) / (n[1] - 1)) : 0;
    }

    /** The edge goes on outside. */
    private static double place(double at, int first, int... n) {
        return Math.max(0, Math.min(n[0] - 1, Math.floor(at) + first + n[2]));
    }

    private static float weight(double at, List<DoubleUnaryOperator> weights, int... n) {
        return (float) weights.get(n[2]).applyAsDouble(at - Math.floor(at));
    }

    /** Keys's weight of an element at most 1 away. */
    private static double near(double distance) {
        return ((SLOPE + 2) * distance - (SLOPE + 3)) * distance * distance + 1;
    }

    /** Keys's weight of an element 1 to 2 away. */
    private static double far(double distance) {
        return SLOPE * (((distance - 5) * distance + 8) * distance - 4);
    }
}
