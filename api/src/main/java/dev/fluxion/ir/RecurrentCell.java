package dev.fluxion.ir;

import java.util.ArrayList;
import java.util.List;

/** Cells of recurrent layers, with the gates of PyTorch in its order. */
public enum RecurrentCell {
    /** tanh(u + v), u and v being the products of the input and of the state (Elman, 1990). */
    TANH("rnn", 1, 1, 1),
    /** max(u + v, 0). */
    RELU("rnn relu", 1, 1, 1),
    /**
     * Long short-term memory (Hochreiter and Schmidhuber, 1997; Gers, Schmidhuber and Cummins, 2000): gates i, f, g, o and a second
     * state c. It keeps i, f, g, o, c and tanh c.
     */
    LSTM("lstm", 4, 2, 6),
    /**
     * Gated recurrent unit (Cho et al., 2014), in the form in which the reset gate multiplies the product of the state: gates r, z, n. It
     * keeps r, z, n and the product.
     */
    GRU("gru", 3, 1, 4);

    private final String text;
    private final int gates;
    private final int states;
    private final int kept;

    RecurrentCell(String text, int gates, int states, int kept) {
        this.text = text;
        this.gates = gates;
        this.states = states;
        this.kept = kept;
    }

    /** How many products there are for each element of the state. */
    public int gates() {
        return gates;
    }

    /** How many states there are. */
    public int states() {
        return states;
    }

    /** How many numbers are kept of a step for each element of the state. */
    public int kept() {
        return kept;
    }

    /** Whether the products of the input and of the state have different gradients. */
    public boolean isSplit() {
        return this == GRU;
    }

    /** The states after a step, and what is kept of it. */
    record Stepped(List<Expr> states, Expr kept) {}

    /** A step, of the products of the input and of the state. */
    Stepped step(Expr u, Expr v, List<Expr> states) {
        int width = states.get(0).shape().dim(1);
        Expr h = states.get(0);
        return switch (this) {
            case TANH -> same(u.add(v).tanh());
            case RELU -> same(u.add(v).relu());
            case LSTM -> {
                Expr a = u.add(v);
                Expr i = part(a, 0, width).sigmoid();
                Expr f = part(a, 1, width).sigmoid();
                Expr g = part(a, 2, width).tanh();
                Expr o = part(a, 3, width).sigmoid();
                Expr c = f.mul(states.get(1)).add(i.mul(g));
                Expr squashed = c.tanh();
                yield new Stepped(List.of(o.mul(squashed), c), Expr.concat(1, List.of(i, f, g, o, c, squashed)));
            }
            case GRU -> {
                Expr r = part(u, 0, width).add(part(v, 0, width)).sigmoid();
                Expr z = part(u, 1, width).add(part(v, 1, width)).sigmoid();
                Expr q = part(v, 2, width);
                Expr n = part(u, 2, width).add(r.mul(q)).tanh();
                Expr next = n.add(z.mul(h.sub(n)));
                yield new Stepped(List.of(next), Expr.concat(1, List.of(r, z, n, q)));
            }
        };
    }

    private static Stepped same(Expr h) {
        return new Stepped(List.of(h), h);
    }

    /**
     * Gradients of a step.
     *
     * @param u that of the products of the input
     * @param v that of the products of the state
     * @param states those of the states before, without what comes through the products
     */
    record Back(Expr u, Expr v, List<Expr> states) {}

    /** The gradients of a step, of those of the states after it, of what was kept and of the states before. */
    Back back(List<Expr> gradients, Expr kept, List<Expr> before) {
        int width = before.get(0).shape().dim(1);
        Expr dh = gradients.get(0);
        Expr first = part(kept, 0, width);
        return switch (this) {
            case TANH -> same(dh.mul(slope(first)), dh);
            case RELU -> same(dh.mul(first.gt(0)), dh);
            case LSTM -> {
                Expr f = part(kept, 1, width);
                Expr g = part(kept, 2, width);
                Expr o = part(kept, 3, width);
                Expr squashed = part(kept, 5, width);
                Expr dc = gradients.get(1).add(dh.mul(o).mul(slope(squashed)));
                List<Expr> da = List.of(
                        dc.mul(g).mul(steep(first)),
                        dc.mul(before.get(1)).mul(steep(f)),
                        dc.mul(first).mul(slope(g)),
                        dh.mul(squashed).mul(steep(o)));
                Expr all = Expr.concat(1, da);
                yield new Back(all, all, List.of(dh.mul(0), dc.mul(f)));
            }
            case GRU -> {
                Expr z = part(kept, 1, width);
                Expr n = part(kept, 2, width);
                Expr q = part(kept, 3, width);
                Expr dn = dh.mul(z.neg().add(1)).mul(slope(n));
                Expr dz = dh.mul(before.get(0).sub(n)).mul(steep(z));
                Expr dr = dn.mul(q).mul(steep(first));
                List<Expr> du = new ArrayList<>(List.of(dr, dz, dn));
                Expr input = Expr.concat(1, du);
                du.set(2, dn.mul(first));
                yield new Back(input, Expr.concat(1, du), List.of(dh.mul(z)));
            }
        };
    }

    private static Back same(Expr da, Expr dh) {
        return new Back(da, da, List.of(dh.mul(0)));
    }

    /** The derivative of the hyperbolic tangent, of its value. */
    private static Expr slope(Expr y) {
        return y.square().neg().add(1);
    }

    /** The derivative of the logistic function, of its value. */
    private static Expr steep(Expr y) {
        return y.mul(y.neg().add(1));
    }

    private static Expr part(Expr all, int index, int width) {
        return all.slice(1, index * width, (index + 1) * width);
    }

    @Override
    public String toString() {
        return text;
    }
}
