package dev.fluxion.dsl.layer;

import dev.fluxion.Scope;
import dev.fluxion.dsl.CallSite;
import dev.fluxion.dsl.internal.Checks;
import dev.fluxion.dsl.internal.Numbers;
import dev.fluxion.dsl.internal.Text;
import dev.fluxion.ir.Expr;
import dev.fluxion.ir.Given;
import dev.fluxion.ir.RecurrentCell;
import dev.fluxion.ir.Shape;
import dev.fluxion.ir.ShapeException;
import java.util.List;

/**
 * A recurrent layer over sequences N×T×in, the batch first, which become N×T×hidden, or N×T×2·hidden in both directions. Parameters, as
 * in PyTorch's state dicts, for layer k and with {@code _reverse} behind them for the way back: {@code weight_ih_lk} of shape
 * G·hidden×in, {@code weight_hh_lk} of shape G·hidden×hidden, and {@code bias_ih_lk} and {@code bias_hh_lk} of shape G·hidden, G being 1
 * for an rnn, 4 for an lstm (input, forget, cell, output) and 3 for a gru (reset, update, new). An lstm with a projection has
 * {@code weight_hr_lk}, too; see {@link #projection}. All are first uniform in ±1/√hidden.
 *
 * <p>Values that the layer reads from its scope, or names there: lengths are N integers from 1 to T; a sequence ends after its
 * length, behind which outputs are 0, and the way back begins there. States are N×(layers·directions)×hidden, in the order layer 0,
 * layer 0 reverse, layer 1, …; those of PyTorch have their first two axes exchanged. With a projection, outputs and states h have its
 * extent.
 *
 * @param cell the cell
 * @param in the extent of the input's last axis, 0 to infer it
 * @param hidden the extent of a state
 * @param stack the layers
 * @param ends where sequences begin and end
 * @param named the name that replaces the position in parameter names, empty for none
 * @param callSite the file and line that made it
 */
public record Recurrent(RecurrentCell cell, int in, int hidden, Stack stack, Ends ends, String named, CallSite callSite)
        implements NamedLayer {
    static final int INFERRED = 0;

    /**
     * Layers that follow one another.
     *
     * @param layers how many
     * @param bothWays whether each goes in both directions
     * @param dropout the probability with which elements between them are dropped in training
     * @param bias whether there are biases
     * @param projection the extent that states h of an lstm are projected to, 0 for none
     */
    public record Stack(int layers, boolean bothWays, double dropout, boolean bias, int projection) {
        int directions() {
            return bothWays ? 2 : 1;
        }
    }

    /**
     * Where sequences begin and end.
     *
     * @param onlyLast whether the output is the last state of the last layer instead of its sequence
     * @param lengths the name of the lengths of the sequences, empty if all are T
     * @param initial the names of the first states, h and for an lstm c; empty for zeros
     * @param states the names that the last states get, h and for an lstm c; empty for none
     */
    public record Ends(boolean onlyLast, String lengths, List<String> initial, List<String> states) {
        /** Copies the lists. */
        public Ends {
            String what = "a recurrent layer";
            Given.require(what, "the name of the lengths", lengths);
            initial = Checks.present(what, "initial name", initial, name -> name);
            states = Checks.present(what, "state name", states, name -> name);
        }
    }

    /** Checks the numbers. */
    public Recurrent {
        String what = head(Given.require("a recurrent layer", "the cell", cell), in, hidden);
        Arguments.requireIdentity(what, named, callSite);
        Given.require(Text.place(what, callSite), "the stack", stack);
        Given.require(Text.place(what, callSite), "the ends", ends);
        Arguments.requireAtLeast(what, callSite, "in", 0, in);
        Arguments.requireAtLeast(what, callSite, "hidden", 1, hidden);
        int most = Integer.MAX_VALUE / cell.gates();
        Numbers.require(hidden <= most, Text.place(what, callSite), "hidden", "at most " + most, hidden);
        Arguments.requireAtLeast(what, callSite, "layers", 1, stack.layers);
        Numbers.requireProbability(Text.place(what, callSite), "dropout", stack.dropout);
        boolean canProject = cell == RecurrentCell.LSTM;
        Numbers.require(
                stack.projection == 0 || canProject && stack.projection > 0 && stack.projection < hidden,
                Text.place(what, callSite),
                "the projection",
                canProject ? "less than " + hidden + ", the extent of a state" : "0, as only an lstm has one",
                stack.projection);
    }

    static Recurrent of(RecurrentCell cell, int in, int hidden, CallSite callSite) {
        Ends all = new Ends(false, "", List.of(), List.of());
        return new Recurrent(cell, in, hidden, new Stack(1, false, 0, true, 0), all, "", callSite);
    }

    /** This rnn with max(x, 0) for the hyperbolic tangent. */
    public Recurrent relu() {
        if (cell != RecurrentCell.TANH && cell != RecurrentCell.RELU) {
            throw new IllegalArgumentException(Errors.onlyRnn(this, callSite));
        }
        return new Recurrent(RecurrentCell.RELU, in, hidden, stack, ends, named, callSite);
    }

    /** This layer so many times, one on the outputs of the other. */
    public Recurrent layers(int count) {
        return with(new Stack(count, stack.bothWays, stack.dropout, stack.bias, stack.projection));
    }

    /** This layer in both directions: the outputs of the way back stand behind those of the way there. */
    public Recurrent bidirectional() {
        return with(new Stack(stack.layers, true, stack.dropout, stack.bias, stack.projection));
    }

    /** This layer with dropout between its layers, in training: see {@link Layers#dropout}. */
    public Recurrent dropout(double p) {
        return with(new Stack(stack.layers, stack.bothWays, p, stack.bias, stack.projection));
    }

    /** This layer with or without biases. */
    public Recurrent bias(boolean with) {
        return with(new Stack(stack.layers, stack.bothWays, stack.dropout, with, stack.projection));
    }

    /**
     * This lstm with states h that a weight {@code weight_hr_lk} of shape extent×hidden projects, and outputs of that extent (Sak,
     * Senior and Beaufays, 2014): proj_size of PyTorch. {@code weight_hh_lk} is 4·hidden×extent.
     */
    public Recurrent projection(int extent) {
        return with(new Stack(stack.layers, stack.bothWays, stack.dropout, stack.bias, extent));
    }

    /** This layer with the last state of its last layer for an output, of both directions side by side: N×hidden or N×2·hidden. */
    public Recurrent last() {
        return with(new Ends(true, ends.lengths, ends.initial, ends.states));
    }

    /** This layer for sequences whose lengths differ: N integers of this name, from 1 to T. */
    public Recurrent lengths(String name) {
        String checked = Arguments.requireValueName(this, callSite, "the name of the lengths", name);
        return with(new Ends(ends.onlyLast, checked, ends.initial, ends.states));
    }

    /**
     * This layer with first states that are given.
     *
     * @param names the names of the values h and, for an lstm, c
     */
    public Recurrent initial(String... names) {
        return with(new Ends(ends.onlyLast, ends.lengths, stateNames("initial", names), ends.states));
    }

    /**
     * This layer with names for its last states, by which others read them.
     *
     * @param names the names of h and, for an lstm, c
     */
    public Recurrent states(String... names) {
        return with(new Ends(ends.onlyLast, ends.lengths, ends.initial, stateNames("states", names)));
    }

    /** This layer with a name that replaces its position in parameter names. */
    public Recurrent named(String name) {
        return new Recurrent(cell, in, hidden, stack, ends, Arguments.requireName(this, callSite, name), callSite);
    }

    private Recurrent with(Stack other) {
        return new Recurrent(cell, in, hidden, other, ends, named, callSite);
    }

    private Recurrent with(Ends other) {
        return new Recurrent(cell, in, hidden, stack, other, named, callSite);
    }

    private List<String> stateNames(String option, String... names) {
        List<String> all = Checks.list(Given.require(Text.place(this, callSite), option, names));
        if (all.size() != cell.states()) {
            throw new IllegalArgumentException(Errors.stateNames(this, callSite, option, cell.states(), all.size()));
        }
        all.forEach(name -> Arguments.requireValueName(this, callSite, option, name));
        return all;
    }

    @Override
    public Expr apply(Scope scope, Expr x) {
        Scope own = LayerCalls.scope(this, scope);
        return LayerCalls.layer(this, callSite, own, x, input -> make(own, input), this::hint);
    }

    private Expr make(Scope scope, Expr x) {
        Shape shape = x.shape();
        if (shape.rank() != 3) {
            throw new ShapeException(Errors.noSteps(shape));
        }
        if (in != INFERRED && in != shape.dim(2)) {
            throw new ShapeException(Errors.features(in, shape));
        }
        return new RecurrentNet(this, scope, shape.dim(0), shape.dim(1)).apply(x);
    }

    private String hint(Shape input) {
        return in == INFERRED || input.rank() != 3 || input.dim(2) == in
                ? ""
                : Errors.didYouMean(new Recurrent(cell, input.dim(2), hidden, stack, ends, named, callSite));
    }

    private static String head(RecurrentCell cell, int in, int hidden) {
        String name =
                switch (cell) {
                    case TANH, RELU -> "rnn";
                    case LSTM -> "lstm";
                    case GRU -> "gru";
                };
        return in == INFERRED ? Text.call(name, hidden) : Text.call(name, in, hidden);
    }

    /** The layer as the user wrote it. */
    @Override
    public String toString() {
        return head(cell, in, hidden)
                + (cell == RecurrentCell.RELU ? ".relu()" : "")
                + (stack.layers == 1 ? "" : "." + Text.call("layers", stack.layers))
                + (stack.bothWays ? ".bidirectional()" : "")
                + Text.option("dropout", stack.dropout, 0)
                + (stack.bias ? "" : ".bias(false)")
                + (stack.projection == 0 ? "" : "." + Text.call("projection", stack.projection))
                + (ends.onlyLast ? ".last()" : "")
                + Text.quoted("lengths", ends.lengths)
                + Text.quoted("initial", String.join("\", \"", ends.initial))
                + Text.quoted("states", String.join("\", \"", ends.states))
                + Text.named(named);
    }
}
