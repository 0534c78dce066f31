package dev.fluxion.engine.rule;

import dev.fluxion.engine.emit.Primitives;
import dev.fluxion.engine.kernel.Recurrent;
import dev.fluxion.engine.plan.Buffer;
import dev.fluxion.engine.plan.Step;
import dev.fluxion.ffi.Arg;
import dev.fluxion.ffi.Eltwise;
import dev.fluxion.ffi.Layout;
import dev.fluxion.ffi.MatMul;
import dev.fluxion.ffi.Operation;
import dev.fluxion.ffi.PostOps;
import dev.fluxion.ffi.Primitive;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * The kernels of the library that a recurrence is made of.
 *
 * @param input multiplies the inputs of a step, if the recurrence does
 * @param product adds the products of the states
 * @param logistic the function of gates
 * @param tangent that of a state
 */
record RecurrentKernels(Optional<Primitive> input, Primitive product, Primitive logistic, Primitive tangent)
        implements RecurrentLowering.Kernels {
    private static final List<Arg> ARGUMENTS = List.of(Arg.SOURCE, Arg.WEIGHTS, Arg.BIAS);

    /**
     * The kernels for a recurrence; empty if the library lacks one.
     *
     * @param input the product of the inputs of a step, if there is to be one
     * @param library offers kernels
     */
    static Optional<RecurrentKernels> of(
            Recurrent sizes, Optional<MatMul> input, Function<Operation, Optional<Primitive>> library) {
        long[] dims = {sizes.width(), sizes.products().dims()[1]};
        return of(sizes, input, Layout.any(dims), library);
    }

    private static Optional<RecurrentKernels> of(
            Recurrent sizes, Optional<MatMul> input, Layout weights, Function<Operation, Optional<Primitive>> library) {
        Optional<Primitive> first = input.flatMap(library);
        Optional<Primitive> product = library.apply(MatMul.of(sizes.state(), weights, sizes.products())
                .bias(bias(sizes))
                .postOps(PostOps.NONE.sum(1)));
        Optional<Primitive> logistic = library.apply(function(Eltwise.Function.LOGISTIC, sizes.products()));
        Optional<Primitive> tangent = library.apply(function(Eltwise.Function.TANH, sizes.state()));
        return first.isPresent() == input.isPresent()
                        && product.isPresent()
                        && logistic.isPresent()
                        && tangent.isPresent()
                ? Optional.of(new RecurrentKernels(first, product.get(), logistic.get(), tangent.get()))
                : Optional.empty();
    }

    /** What is added to the products of all sequences. */
    static Layout bias(Recurrent sizes) {
        return Layout.plain(1, sizes.products().dims()[1]);
    }

    /** A product with weights in any layout. */
    static MatMul product(Layout left, Layout result) {
        return MatMul.of(left, Layout.any(left.dims()[1], result.dims()[1]), result);
    }

    private static Eltwise function(Eltwise.Function function, Layout layout) {
        return Eltwise.of(function, 0, 0, layout);
    }

    /** How the weights of the state lie, which are stored transposed. */
    Layout stateWeights() {
        return product.layout(Arg.WEIGHTS).permute(1, 0);
    }

    /** How the weights of the input lie. */
    Layout inputWeights() {
        return input.orElseThrow().layout(Arg.WEIGHTS);
    }

    /** The names of the kernels of the products. */
    String implementation() {
        return product.implementation();
    }

    @Override
    public Recurrent.Native of(List<Buffer> reads, Recurrent.Scratch scratch) {
        return new Recurrent.Native(
                input.map(p -> product(p, inputs(p, reads, scratch.given()), scratch.products())),
                product(product, List.of(scratch.state(), reads.get(1), reads.get(2)), scratch.products()),
                function(logistic, scratch.products()),
                function(tangent, scratch.tangent()));
    }

    /** What the product of the inputs reads: its weights and bias are the last that the step reads. */
    private static List<Buffer> inputs(Primitive input, List<Buffer> reads, Buffer given) {
        int others = input.layouts().containsKey(Arg.BIAS) ? 2 : 1;
        List<Buffer> all = new ArrayList<>(List.of(given));
        all.addAll(reads.subList(reads.size() - others, reads.size()));
        return all;
    }

    /** A product of what it reads, in the order of its arguments. */
    static Step product(Primitive primitive, List<Buffer> reads, Buffer result) {
        Map<Arg, Buffer> laid = new LinkedHashMap<>();
        for (int i = 0; i < reads.size(); i++) {
            Arg arg = ARGUMENTS.get(i);
            laid.put(arg, reads.get(i).as(primitive.layout(arg)));
        }
        return Primitives.step("matmul", "", primitive, laid, Map.of(Arg.DESTINATION, result), 0);
    }

    private static Step function(Primitive primitive, Buffer values) {
        return Primitives.step("", "", primitive, Map.of(Arg.SOURCE, values), Map.of(Arg.DESTINATION, values), 0);
    }

    @Override
    public Optional<RecurrentLowering.Kernels> of(Recurrent some, Step.Library library) {
        Optional<MatMul> first = input.map(p -> ofSome(p, some));
        return of(some, first, product.layout(Arg.WEIGHTS), part -> library.offered(part, name -> name))
                .filter(k -> k.names().equals(names()))
                .map(k -> k);
    }

    private static MatMul ofSome(Primitive input, Recurrent some) {
        Layout weights = input.layout(Arg.WEIGHTS);
        @Nullable Layout bias = input.layouts().get(Arg.BIAS);
        return MatMul.of(Layout.plain(some.sequences(), weights.dims()[0]), weights, some.products())
                .bias(bias);
    }

    /** Kernels of the same names compute a row alike however many there are. */
    private List<String> names() {
        return List.of(
                input.map(Primitive::implementation).orElse(""),
                product.implementation(),
                logistic.implementation(),
                tangent.implementation());
    }
}
