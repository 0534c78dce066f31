package dev.fluxion.ir.open;

import dev.fluxion.Tensor;
import dev.fluxion.ir.ArgSort;
import dev.fluxion.ir.Attention;
import dev.fluxion.ir.BinaryFn;
import dev.fluxion.ir.Contraction.Conv;
import dev.fluxion.ir.Contraction.ConvGradInput;
import dev.fluxion.ir.Contraction.ConvGradWeight;
import dev.fluxion.ir.Contraction.MatMul;
import dev.fluxion.ir.ConvSpec;
import dev.fluxion.ir.Draws;
import dev.fluxion.ir.Elementwise.Binary;
import dev.fluxion.ir.Elementwise.Cast;
import dev.fluxion.ir.Elementwise.Clip;
import dev.fluxion.ir.Elementwise.Unary;
import dev.fluxion.ir.Elementwise.Where;
import dev.fluxion.ir.Expr;
import dev.fluxion.ir.GroupNormalisation;
import dev.fluxion.ir.Indexing.Gather;
import dev.fluxion.ir.Indexing.ScatterAdd;
import dev.fluxion.ir.LayerNormalisation;
import dev.fluxion.ir.Leaf;
import dev.fluxion.ir.Marker.Require;
import dev.fluxion.ir.Marker.StopGradient;
import dev.fluxion.ir.Moments;
import dev.fluxion.ir.Movement.Broadcast;
import dev.fluxion.ir.Movement.Concat;
import dev.fluxion.ir.Movement.Pad;
import dev.fluxion.ir.Movement.Reshape;
import dev.fluxion.ir.Movement.Slice;
import dev.fluxion.ir.Movement.Transpose;
import dev.fluxion.ir.Normalised.LogSoftmax;
import dev.fluxion.ir.Normalised.Softmax;
import dev.fluxion.ir.Op;
import dev.fluxion.ir.PoolSpec;
import dev.fluxion.ir.Pooling.AvgPool;
import dev.fluxion.ir.Pooling.AvgPoolGrad;
import dev.fluxion.ir.Pooling.MaxPool;
import dev.fluxion.ir.Pooling.MaxPoolGrad;
import dev.fluxion.ir.Recurrence;
import dev.fluxion.ir.RecurrenceGradient;
import dev.fluxion.ir.RecurrentCell;
import dev.fluxion.ir.Reduction.Max;
import dev.fluxion.ir.Reduction.Sum;
import dev.fluxion.ir.Result;
import dev.fluxion.ir.Shape;
import dev.fluxion.ir.Slot;
import dev.fluxion.ir.Standardise;
import dev.fluxion.ir.TableRule;
import dev.fluxion.ir.UnaryFn;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;

/** How each operator is written: the closed list, a line each. */
final class Forms {
    /** What the elements of a constant tensor are called in messages. */
    static final String VALUES = "values";

    private static final int ANY = Integer.MAX_VALUE;

    private static final List<Form<?>> ALL = List.of(
            leaf(
                    "input",
                    Leaf.Input.class,
                    f -> new Leaf.Input(
                            f.text("name", Leaf.Input::name),
                            f.shape("shape", Leaf.Input::shape),
                            f.type(Leaf.Input::type),
                            f.flag("infinite", Leaf.Input::infinite))),
            leaf(
                    "parameter",
                    Leaf.Parameter.class,
                    f -> new Leaf.Parameter(
                            f.text("name", Leaf.Parameter::name), f.shape("shape", Leaf.Parameter::shape))),
            leaf(
                    "buffer",
                    Leaf.Buffer.class,
                    f -> new Leaf.Buffer(f.text("name", Leaf.Buffer::name), f.shape("shape", Leaf.Buffer::shape))),
            leaf(
                    "kept",
                    Leaf.Kept.class,
                    f -> new Leaf.Kept(
                            new Slot(
                                    f.constant("owner", op -> op.slot().owner(), List.of(Slot.Owner.values())),
                                    f.text("name", op -> op.slot().name()),
                                    f.text("parameter", Leaf.Kept::parameter)),
                            f.shape("shape", Leaf.Kept::shape))),
            leaf(
                    "carried",
                    Leaf.Carried.class,
                    f -> new Leaf.Carried(
                            f.whole("number", Leaf.Carried::number),
                            f.shape("shape", Leaf.Carried::shape),
                            f.type(Leaf.Carried::type))),
            leaf("constant", Leaf.Constant.class, f -> new Leaf.Constant(f.real("value", Leaf.Constant::value))),
            leaf("tensor", Leaf.Literal.class, f -> literal(f.elements("shape", Leaf.Literal::values))),
            leaf(
                    "table",
                    Leaf.Table.class,
                    f -> new Leaf.Table(
                            f.constant("rule", Leaf.Table::rule, List.of(TableRule.values())),
                            f.list("numbers", Leaf.Table::numbers),
                            f.real("scale", 0, Leaf.Table::scale),
                            f.whole("axis", Leaf.Table::axis),
                            f.whole("rank", Leaf.Table::rank))),
            leaf("iota", Leaf.Iota.class, f -> new Leaf.Iota(f.whole("length", Leaf.Iota::length))),
            leaf(
                    "uniform",
                    Leaf.Uniform.class,
                    f -> new Leaf.Uniform(
                            f.number("stream", Leaf.Uniform::stream), f.shape("shape", Leaf.Uniform::shape))),
            form(
                    "unary",
                    1,
                    Unary.class,
                    f -> new Unary(
                            f.constant("fn", Unary::fn, List.of(UnaryFn.values())), f.real("alpha", Unary::alpha))),
            form("binary", 2, Binary.class, f -> new Binary(f.constant("fn", Binary::fn, List.of(BinaryFn.values())))),
            form(
                    "clip",
                    1,
                    Clip.class,
                    f -> new Clip(
                            f.real("least", Clip::least), f.real("most", Clip::most), f.flag("closed", Clip::closed))),
            form("where", 3, Where.class, f -> new Where()),
            form("cast", 1, Cast.class, f -> new Cast(f.type(Cast::to))),
            form("sum", 1, Sum.class, f -> new Sum(f.someAxes("axes", Sum::axes))),
            form("max", 1, Max.class, f -> new Max(f.someAxes("axes", Max::axes))),
            form("reshape", 1, Reshape.class, f -> new Reshape(f.shape("to", Reshape::to))),
            form("transpose", 1, Transpose.class, f -> new Transpose(f.list("order", Transpose::order))),
            form("broadcast", 1, Broadcast.class, f -> new Broadcast(f.shape("to", Broadcast::to))),
            form(
                    "slice",
                    1,
                    Slice.class,
                    f -> new Slice(
                            f.axis("axis", Slice::axis), f.whole("from", Slice::from), f.whole("to", Slice::to))),
            form(
                    "pad",
                    1,
                    Pad.class,
                    f -> new Pad(
                            f.axis("axis", Pad::axis),
                            f.whole("before", Pad::before),
                            f.whole("after", Pad::after),
                            f.real("value", Pad::value))),
            form("concat", 1, ANY, Concat.class, f -> new Concat(f.axis("axis", Concat::axis))),
            form("gather", 2, Gather.class, f -> new Gather(f.axis("axis", Gather::axis))),
            form(
                    "scatterAdd",
                    2,
                    ScatterAdd.class,
                    f -> new ScatterAdd(f.axis("axis", ScatterAdd::axis), f.whole("extent", ScatterAdd::extent))),
            form(
                    "argSort",
                    1,
                    ArgSort.class,
                    f -> new ArgSort(f.axis("axis", ArgSort::axis), f.flag("descending", ArgSort::descending))),
            form("matmul", 2, MatMul.class, f -> new MatMul()),
            form("conv", 2, Conv.class, f -> new Conv(convolution(f, Conv::spec))),
            form(
                    "convGradInput",
                    2,
                    ConvGradInput.class,
                    f -> new ConvGradInput(
                            convolution(f, ConvGradInput::spec), f.shape("input", ConvGradInput::input))),
            form(
                    "convGradWeight",
                    2,
                    ConvGradWeight.class,
                    f -> new ConvGradWeight(
                            convolution(f, ConvGradWeight::spec), f.shape("weight", ConvGradWeight::weight))),
            form("maxPool", 1, MaxPool.class, f -> new MaxPool(windows(f, MaxPool::spec))),
            form("maxPoolGrad", 2, MaxPoolGrad.class, f -> new MaxPoolGrad(windows(f, MaxPoolGrad::spec))),
            form("avgPool", 1, AvgPool.class, f -> new AvgPool(windows(f, AvgPool::spec))),
            form(
                    "avgPoolGrad",
                    1,
                    AvgPoolGrad.class,
                    f -> new AvgPoolGrad(windows(f, AvgPoolGrad::spec), f.shape("input", AvgPoolGrad::input))),
            form("softmax", 1, Softmax.class, f -> new Softmax(f.axis("axis", Softmax::axis))),
            form("logSoftmax", 1, LogSoftmax.class, f -> new LogSoftmax(f.axis("axis", LogSoftmax::axis))),
            form(
                    "layerNorm",
                    3,
                    LayerNormalisation.class,
                    f -> new LayerNormalisation(f.real("eps", LayerNormalisation::eps))),
            form("moments", 1, Moments.class, f -> new Moments(f.axes("axes", Moments::axes))),
            form("standardise", 4, Standardise.class, f -> new Standardise()),
            form("standardiseSums", 3, Standardise.Sums.class, f -> new Standardise.Sums()),
            form("layerNormGradient", 5, LayerNormalisation.Gradient.class, f -> new LayerNormalisation.Gradient()),
            form(
                    "groupNorm",
                    3,
                    GroupNormalisation.class,
                    f -> new GroupNormalisation(
                            f.whole("groups", GroupNormalisation::groups), f.real("eps", GroupNormalisation::eps))),
            form(
                    "groupNormGradient",
                    5,
                    GroupNormalisation.Gradient.class,
                    f -> new GroupNormalisation.Gradient(f.whole("groups", GroupNormalisation.Gradient::groups))),
            form(
                    "recurrence",
                    4,
                    6,
                    Recurrence.class,
                    f -> new Recurrence(cell(f, Recurrence::cell), f.flag("backwards", Recurrence::backwards))),
            form(
                    "recurrenceGradient",
                    5,
                    8,
                    RecurrenceGradient.class,
                    f -> new RecurrenceGradient(
                            cell(f, RecurrenceGradient::cell), f.flag("backwards", RecurrenceGradient::backwards))),
            form("draws", 1, Draws.class, f -> new Draws(f.whole("count", Draws::count))),
            form(
                    "attention",
                    3,
                    5,
                    Attention.class,
                    f -> new Attention(
                            f.flag("causal", Attention::isCausal), f.real("dropout", 0, Attention::dropout))),
            form(
                    "attentionGradient",
                    5,
                    7,
                    Attention.Gradient.class,
                    f -> new Attention.Gradient(
                            f.flag("causal", Attention.Gradient::isCausal),
                            f.real("dropout", 0, Attention.Gradient::dropout))),
            form("result", 1, Result.class, f -> new Result(f.whole("index", Result::index))),
            form("stopGradient", 1, StopGradient.class, f -> new StopGradient()),
            form("require", 2, Require.class, f -> new Require(f.text("expectation", Require::expectation))));

    private static final Map<Object, Form<?>> KNOWN = new HashMap<>();

    static {
        ALL.forEach(form -> {
            KNOWN.put(form.type(), form);
            KNOWN.put(form.name(), form);
        });
    }

    private Forms() {}

    private static <T extends Op> Form<T> leaf(String name, Class<T> type, Function<Fields<T>, T> make) {
        return form(name, 0, type, make);
    }

    private static <T extends Op> Form<T> form(String name, int operands, Class<T> type, Function<Fields<T>, T> make) {
        return form(name, operands, operands, type, make);
    }

    private static <T extends Op> Form<T> form(
            String name, int least, int most, Class<T> type, Function<Fields<T>, T> make) {
        return new Form<>(name, least, most, type, make);
    }

    /** The form of an operator. */
    static Form<?> of(Op op) {
        Form<?> form = KNOWN.get(op.getClass());
        if (form == null) {
            throw new IllegalStateException(Errors.noForm(op));
        }
        return form;
    }

    /**
     * The form of a name.
     *
     * @throws IllegalArgumentException if no operator has it
     */
    static Form<?> of(String name) {
        Form<?> form = KNOWN.get(name);
        if (form == null) {
            throw new IllegalArgumentException(Errors.unknownOperator(name));
        }
        return form;
    }

    static List<Integer> dims(Shape shape) {
        return Arrays.stream(shape.dims()).boxed().toList();
    }

    private static Leaf.Literal literal(Tensor values) {
        return (Leaf.Literal) Expr.constant(values).op();
    }

    private static <T> ConvSpec convolution(Fields<T> f, Function<T, ConvSpec> of) {
        return new ConvSpec(
                f.size("stride", op -> of.apply(op).stride()),
                f.size("pad", op -> of.apply(op).pad()),
                f.size("dilation", op -> of.apply(op).dilation()),
                f.whole("groups", op -> of.apply(op).groups()));
    }

    private static <T> PoolSpec windows(Fields<T> f, Function<T, PoolSpec> of) {
        return new PoolSpec(
                f.size("kernel", op -> of.apply(op).kernel()),
                f.size("stride", op -> of.apply(op).stride()),
                f.size("pad", op -> of.apply(op).pad()));
    }

    private static <T> RecurrentCell cell(Fields<T> f, Function<T, RecurrentCell> of) {
        return f.constant("cell", of, List.of(RecurrentCell.values()));
    }
}
