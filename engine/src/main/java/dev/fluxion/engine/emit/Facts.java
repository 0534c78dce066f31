package dev.fluxion.engine.emit;

import dev.fluxion.engine.partition.BatchPartition;
import dev.fluxion.engine.partition.Readers;
import dev.fluxion.engine.plan.ScheduleKey;
import dev.fluxion.ffi.NativeLibrary;
import dev.fluxion.ffi.Operation;
import dev.fluxion.ffi.Primitive;
import dev.fluxion.ir.Contraction;
import dev.fluxion.ir.Expr;
import dev.fluxion.ir.Leaf;
import dev.fluxion.ir.Movement;
import java.util.List;
import java.util.Optional;
import java.util.function.UnaryOperator;

/** What rules may know: the graph, the kernels that the library offers, and the width of its vectors. */
public final class Facts {
    /** The copies of an operand that products make for themselves in the time in which it is packed once for all. */
    private static final int FEW = 2;

    private final BatchPartition.Tiled tiled;
    private final Readers readers;
    private final Primitives primitives;
    private final Layouts layouts;
    private final MadeOnce once;
    private final boolean updates;

    private Facts(BatchPartition.Tiled tiled, Readers readers, Primitives primitives, Layouts layouts, MadeOnce once) {
        this.tiled = tiled;
        this.readers = readers;
        this.primitives = primitives;
        this.layouts = layouts;
        this.once = once;
        this.updates =
                tiled.graph().stages().stream().anyMatch(s -> !s.updates().isEmpty());
    }

    /** What is known before any layout is settled. */
    public static Facts first(BatchPartition.Tiled tiled, Readers readers, Primitives primitives) {
        return new Facts(tiled, readers, primitives, Layouts.GUESSED, new MadeOnce(tiled, readers));
    }

    /** The same with layouts. */
    public Facts with(Layouts others) {
        return new Facts(tiled, readers, primitives, others, once);
    }

    /** How values lie. Asking for the layout of one settles it. */
    public Layouts layouts() {
        return layouts;
    }

    /** The graph, and when its nodes are computed. */
    public BatchPartition.Tiled tiled() {
        return tiled;
    }

    /** Who reads what. */
    public Readers readers() {
        return readers;
    }

    /** For how many tiles of a loop, that one of two nodes is in, the other one is there. */
    public int tiles(Expr outer, Expr inner) {
        ScheduleKey key = tiled.key(inner);
        return key.equals(tiled.key(outer)) ? 1 : key.times();
    }

    /** What a node is a part of; itself if it is whole. */
    public Expr whole(Expr e) {
        return tiled.origin(e);
    }

    /** Whether the graph changes parameters. */
    public boolean updates() {
        return updates;
    }

    /** How many numbers the library's kernels compute at once. */
    public int lanes() {
        return NativeLibrary.lanes();
    }

    /** The bytes of the first-level data cache of each core. */
    public int firstCache() {
        return NativeLibrary.firstCache();
    }

    /** The library's kernel for an operation; empty if it has none that may be used. */
    public Optional<Primitive> offered(Operation operation) {
        return primitives.offered(operation);
    }

    /** The same with another implementation in place of the first, if it is offered. */
    public Optional<Primitive> offered(Operation operation, UnaryOperator<String> preferred) {
        return primitives.offered(operation, preferred);
    }

    /** Whether there are kernels for all operations. */
    public boolean areOffered(List<? extends Operation> operations, UnaryOperator<String> preferred) {
        return operations.stream().allMatch(o -> offered(o, preferred).isPresent());
    }

    /** Whether the value of an expression changes only when somebody writes a parameter between runs. */
    public boolean isStable(Expr e) {
        return !updates && (isOfParameter(e) || once.contains(e));
    }

    /** Whether an expression is a parameter, or its elements or some of them in another shape, which change with it. */
    public static boolean isOfParameter(Expr e) {
        boolean moved = e.op() instanceof Movement.Transpose
                || e.op() instanceof Movement.Reshape
                || e.op() instanceof Movement.Slice;
        return e.op() instanceof Leaf.Variable || moved && isOfParameter(e.input(0));
    }

    /** Whether the right operand of a product is brought into the best layout: once for all, or for so many parts that it pays. */
    public boolean isPacked(Expr product) {
        Expr right = product.input(1);
        return isStable(right) || isShared(product, right);
    }

    private boolean isShared(Expr product, Expr right) {
        long parts = readers.of(right).stream()
                .filter(r -> r.op() instanceof Contraction.MatMul && r.input(1) == right)
                .mapToLong(r -> tiled.key(r).times())
                .sum();
        return tiled.key(product).isStrand() && !tiled.key(right).isStrand() && parts > FEW;
    }
}
