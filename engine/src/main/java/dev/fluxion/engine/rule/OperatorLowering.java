package dev.fluxion.engine.rule;

import dev.fluxion.engine.emit.Lowering;
import dev.fluxion.engine.emit.Primitives;
import dev.fluxion.engine.kernel.Fill;
import dev.fluxion.engine.kernel.GatherScatter;
import dev.fluxion.engine.kernel.Guarded;
import dev.fluxion.engine.kernel.Normalise;
import dev.fluxion.engine.kernel.Reduce;
import dev.fluxion.engine.partition.Positions;
import dev.fluxion.engine.plan.Buffer;
import dev.fluxion.engine.plan.Step;
import dev.fluxion.engine.plan.TensorLayout;
import dev.fluxion.engine.store.Own;
import dev.fluxion.engine.store.Position;
import dev.fluxion.ffi.Arg;
import dev.fluxion.ffi.Layout;
import dev.fluxion.ffi.Primitive;
import dev.fluxion.ffi.Softmax;
import dev.fluxion.ir.Contraction;
import dev.fluxion.ir.Elementwise;
import dev.fluxion.ir.Expr;
import dev.fluxion.ir.Indexing;
import dev.fluxion.ir.Leaf;
import dev.fluxion.ir.Marker;
import dev.fluxion.ir.Movement;
import dev.fluxion.ir.Normalised;
import dev.fluxion.ir.Op;
import dev.fluxion.ir.Pooling;
import dev.fluxion.ir.Reduction;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Chooses how each operator is computed: the table of contents of the lowering. */
public final class OperatorLowering {
    private final Lowering lowering;
    private final Fusion fusion;
    private final Emitters emitters;
    private final PoolLowering pooling;
    private final EltwiseLowering eltwise;
    private final MovementLowering movement;
    private final PartLowering parts;

    public OperatorLowering(Lowering lowering, Fusion fusion, RuleBook rules) {
        this.lowering = lowering;
        this.fusion = fusion;
        this.emitters = Emitters.of(lowering);
        this.pooling = new PoolLowering(lowering);
        this.eltwise = new EltwiseLowering(lowering, fusion, rules);
        this.movement = new MovementLowering(lowering);
        this.parts = new PartLowering(lowering);
    }

    /** Sees to it, before anything is lowered, that results are computed where {@code e} wants them. */
    public void prepare(Expr e) {
        if (e.op() instanceof Movement.Concat concat) {
            parts.pinOperands(e, concat);
        }
    }

    /** Emits the steps of {@code e} and of what is computed with it. */
    public void lower(Expr e) {
        fusion.match(e).ifPresentOrElse(match -> match.emission().emit(emitters), () -> e.op().accept(new Table(e)));
    }

    private final class Table implements Op.Visitor<Expr> {
        private final Expr e;

        Table(Expr e) {
            this.e = e;
        }

        @Override
        public Expr input(Leaf.Input op) {
            throw new IllegalStateException(op.toString());
        }

        @Override
        public Expr parameter(Leaf.Parameter op) {
            throw new IllegalStateException(op.toString());
        }

        @Override
        public Expr kept(Leaf.Kept op) {
            throw new IllegalStateException(op.toString());
        }

        @Override
        public Expr carried(Leaf.Carried op) {
            throw new IllegalStateException(op.toString());
        }

        @Override
        public Expr literal(Leaf.Literal op) {
            throw new IllegalStateException(op.toString());
        }

        @Override
        public Expr constant(Leaf.Constant op) {
            Buffer to = lowering.destination(e);
            return write(to, "java:fill", Fill.constant((float) op.value(), 1, to));
        }

        @Override
        public Expr iota(Leaf.Iota op) {
            Buffer to = lowering.destination(e);
            return write(to, "java:fill", Fill.iota(op.length(), to));
        }

        @Override
        public Expr uniform(Leaf.Uniform op) {
            Buffer to = lowering.destination(e);
            long stream = op.stream();
            int count = e.shape().size();
            return write(to, "java:random", places -> {
                Position position = places.of(Own.POSITION);
                return Fill.uniform(() -> position.noise(stream), count, to).bind(places);
            });
        }

        @Override
        public Expr unary(Elementwise.Unary op) {
            return elementwise();
        }

        @Override
        public Expr binary(Elementwise.Binary op) {
            return elementwise();
        }

        @Override
        public Expr where(Elementwise.Where op) {
            return elementwise();
        }

        @Override
        public Expr cast(Elementwise.Cast op) {
            return elementwise();
        }

        @Override
        public Expr require(Marker.Require op) {
            return elementwise();
        }

        private Expr elementwise() {
            if (fusion.isNative(e)) {
                eltwise.alone(e);
            } else {
                eltwise.fused(e);
            }
            return e;
        }

        @Override
        public Expr stopGradient(Marker.StopGradient op) {
            throw new IllegalStateException("simplified away: " + op);
        }

        @Override
        public Expr sum(Reduction.Sum op) {
            if (parts.isOverTiles(e)) {
                parts.overTiles(e);
                return e;
            }
            return reduce(true);
        }

        @Override
        public Expr max(Reduction.Max op) {
            return reduce(false);
        }

        private Expr reduce(boolean sum) {
            Expr x = e.input(0);
            Buffer from = lowering.plain(x);
            Buffer to = lowering.destination(e);
            Step.Binder binder = Reduce.of(sum, x.shape(), e.shape(), from, to);
            lowering.emit(
                    e,
                    to,
                    Step.of(e.op().toString(), e.origin(), List.of(from), List.of(to), "java:reduce", binder)
                            .flops(x.shape().size()));
            return e;
        }

        @Override
        public Expr reshape(Movement.Reshape op) {
            movement.reshape(e);
            return e;
        }

        @Override
        public Expr transpose(Movement.Transpose op) {
            movement.transpose(e, op);
            return e;
        }

        @Override
        public Expr broadcast(Movement.Broadcast op) {
            movement.broadcast(e);
            return e;
        }

        @Override
        public Expr slice(Movement.Slice op) {
            parts.slice(e, op);
            return e;
        }

        @Override
        public Expr pad(Movement.Pad op) {
            movement.pad(e, op);
            return e;
        }

        @Override
        public Expr concat(Movement.Concat op) {
            parts.concat(e, op);
            return e;
        }

        @Override
        public Expr gather(Indexing.Gather op) {
            Buffer from = lowering.plain(e.input(0));
            Buffer index = lowering.plain(e.input(1));
            Buffer to = lowering.destination(e);
            GatherScatter follow = new GatherScatter(e.input(0).shape(), e.shape(), op.axis(), e.origin(), positions());
            return read(List.of(from, index), to, "java:gather", follow.gather(from, index, to));
        }

        @Override
        public Expr scatterAdd(Indexing.ScatterAdd op) {
            Buffer from = lowering.plain(e.input(0));
            Buffer index = lowering.plain(e.input(1));
            Buffer to = lowering.destination(e);
            GatherScatter follow = new GatherScatter(e.shape(), e.input(1).shape(), op.axis(), e.origin(), positions());
            return read(
                    List.of(from, index),
                    to,
                    "java:scatter",
                    follow.scatterAdd(from, index, to, e.shape().size()));
        }

        private GatherScatter.Positions positions() {
            return Positions.of(lowering.tiled(), e, 1);
        }

        @Override
        public Expr matmul(Contraction.MatMul op) {
            throw chosen(op);
        }

        @Override
        public Expr conv(Contraction.Conv op) {
            throw chosen(op);
        }

        @Override
        public Expr convGradInput(Contraction.ConvGradInput op) {
            throw chosen(op);
        }

        @Override
        public Expr convGradWeight(Contraction.ConvGradWeight op) {
            throw chosen(op);
        }

        private static IllegalStateException chosen(Op op) {
            return new IllegalStateException("a form of it was chosen: " + op);
        }

        @Override
        public Expr maxPool(Pooling.MaxPool op) {
            pooling.max(e, op);
            return e;
        }

        @Override
        public Expr maxPoolGrad(Pooling.MaxPoolGrad op) {
            pooling.maxGradient(e, op);
            return e;
        }

        @Override
        public Expr avgPool(Pooling.AvgPool op) {
            pooling.average(e, op);
            return e;
        }

        @Override
        public Expr avgPoolGrad(Pooling.AvgPoolGrad op) {
            pooling.averageGradient(e, op);
            return e;
        }

        @Override
        public Expr softmax(Normalised.Softmax op) {
            return normalise(op.axis(), false);
        }

        @Override
        public Expr logSoftmax(Normalised.LogSoftmax op) {
            return normalise(op.axis(), true);
        }

        private Expr normalise(int axis, boolean logarithm) {
            Layout layout = TensorLayout.plain(e.shape(), Layout.Type.F32);
            Buffer from = lowering.plain(e.input(0));
            Buffer to = lowering.destination(e);
            Optional<Primitive> primitive =
                    logarithm ? Optional.empty() : lowering.primitives().offered(Softmax.of(axis, layout));
            if (primitive.isEmpty()) {
                return read(List.of(from), to, "java:softmax", Normalise.of(logarithm, e.shape(), axis, from, to));
            }
            Step step = Primitives.step(
                    e.op().toString(),
                    e.origin(),
                    primitive.get(),
                    Map.of(Arg.SOURCE, from),
                    Map.of(Arg.DESTINATION, to),
                    5.0 * e.shape().size());
            lowering.emit(e, to, Guarded.step(step, to, Guarded.lines(e.shape(), axis, to)));
            return e;
        }

        private Expr write(Buffer to, String kernel, Step.Binder binder) {
            return read(List.of(), to, kernel, binder);
        }

        private Expr read(List<Buffer> reads, Buffer to, String kernel, Step.Binder binder) {
            lowering.emit(e, to, Step.of(e.op().toString(), e.origin(), reads, List.of(to), kernel, binder));
            return e;
        }
    }
}
