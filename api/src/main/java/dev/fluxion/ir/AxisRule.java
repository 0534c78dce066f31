package dev.fluxion.ir;

import java.util.Collections;
import java.util.List;
import java.util.stream.IntStream;

/**
 * One way to compute a node in parts. The node's work consists of equal units, numbered from 0; a part is a run of them. It is
 * computed by the same operator from the elements of the operands that its units need, and the parts are joined to the whole:
 *
 * <pre>
 *   m×k · k×n, rows       CONCATENATION of m units: result axis 0; operands axis 0, whole
 *   m×k · k×n, products   SUM of k units:           result whole;  operands axis 1, axis 0
 *   reshape N×T×D → N·T·D CONCATENATION of N units: result axis 0, T·D elements a unit; operand axis 0
 *   convolution, rows     CONCATENATION:            result axis 2; image axis 2, a window a unit; weights whole
 * </pre>
 *
 * <p>An operator declares all of its rules ({@link Op#axes}). An axis that none of them names is mixed: each part needs all of it.
 * An operand that is taken whole is looked up (the first one of a gather), used by every part (weights), or repeated (broadcast).
 *
 * @param units how many units there are
 * @param results what becomes of each result of the node, most of which have one
 * @param operands for each operand, where the elements lie that a unit needs
 */
public record AxisRule(int units, List<Made> results, List<Along> operands) {
    /** How parts make the whole. */
    public enum Join {
        /** They follow one another along the result's axis. */
        CONCATENATION,
        /**
         * The same, but what a part holds, or complains of, depends on where it lies: numbers that count on, or are drawn by position.
         * The first units are the same however many follow; a part that begins further on is not what the operator alone gives.
         */
        POSITION,
        /** They are added up, each at its place where it covers some of the result only. */
        SUM,
        /** The largest one of each element counts. */
        MAXIMUM
    }

    /** Copies the lists. */
    public AxisRule {
        results = List.copyOf(results);
        operands = List.copyOf(operands);
    }

    /** A rule of a node with one result. */
    public AxisRule(Join join, int units, Along result, List<Along> operands) {
        this(units, List.of(new Made(join, result)), operands);
    }

    /**
     * How a result is made of parts.
     *
     * @param join how the parts make the whole
     * @param along where a unit lies in the result; whole if each part gives a summand, or a candidate, of all of it
     */
    public record Made(Join join, Along along) {}

    /**
     * Where units lie in a tensor: unit j has the elements from j·step on along an axis, as many as reach. Neighbours touch if
     * both are equal, and overlap if windows reach further than their step.
     *
     * @param axis the axis, counted from the front, −1 if each unit has the whole tensor
     * @param step elements from one unit to the next
     * @param reach elements of one unit
     */
    public record Along(int axis, int step, int reach) {
        /** The whole tensor for each unit. */
        public static final Along WHOLE = new Along(-1, 0, 0);

        /** An element for each unit. */
        public static Along axis(int axis) {
            return new Along(axis, 1, 1);
        }

        /** Equal blocks of an axis for so many units. */
        static Along blocks(Shape shape, int axis, int units) {
            int block = shape.dim(axis) / units;
            return new Along(axis, block, block);
        }

        /** Whether each unit has the whole tensor. */
        public boolean isWhole() {
            return axis < 0;
        }

        /** Whether units lie side by side. */
        public boolean isDivided() {
            return !isWhole() && step == reach;
        }

        /** The first element of a unit. */
        public int start(int unit) {
            return unit * step;
        }

        /** How many elements neighbouring units have together. */
        public int extent(int units) {
            return units == 0 ? 0 : (units - 1) * step + reach;
        }

        /** The shape of what so many units have of a tensor. */
        public Shape of(Shape whole, int units) {
            return isWhole() ? whole : whole.with(axis, extent(units));
        }
    }

    /** How parts make the whole of the first result. */
    public Join join() {
        return results.get(0).join;
    }

    /** Where a unit lies in the first result. */
    public Along result() {
        return results.get(0).along;
    }

    /** The axis of the first result that the parts lie along, −1 if each has all of it. */
    public int axis() {
        return result().axis();
    }

    /** The rule of a further result, by whose node it is given. */
    public AxisRule of(int result) {
        return new AxisRule(units, List.of(results.get(result)), List.of(result()));
    }

    /** The expression of a part of so many units, of what these have of the operands. */
    public Expr part(Expr node, List<Expr> parts, int count) {
        return new Expr(node.op().resized(result().of(node.shape(), count)), parts);
    }

    /** The parts follow one another where their units lie side by side and fill the result; else they are summands. */
    static AxisRule of(Expr node, int units, Along result, Along... operands) {
        boolean follow =
                result.isDivided() && result.extent(units) == node.shape().dim(result.axis());
        return new AxisRule(follow ? Join.CONCATENATION : Join.SUM, units, result, List.of(operands));
    }

    /** A unit for each index along an axis of the result, which is cut with that axis of all operands. */
    static AxisRule same(Expr node, int axis) {
        return new AxisRule(
                Join.CONCATENATION,
                node.shape().dim(axis),
                Along.axis(axis),
                Collections.nCopies(node.inputs().size(), Along.axis(axis)));
    }

    /** All axes of the result with the same ones of all operands, but for some. */
    static List<AxisRule> sameBut(Expr node, int... mixed) {
        return IntStream.range(0, node.shape().rank())
                .filter(axis -> IntStream.of(mixed).noneMatch(m -> m == axis))
                .mapToObj(axis -> same(node, axis))
                .toList();
    }

    /** Numbers by their positions along the first axis. */
    static List<AxisRule> byPosition(Shape shape) {
        return shape.rank() == 0
                ? List.of()
                : List.of(new AxisRule(Join.POSITION, shape.dim(0), Along.axis(0), List.of()));
    }
}
