package dev.fluxion.engine.kernel;

import dev.fluxion.ffi.Binary;
import dev.fluxion.ffi.Eltwise;
import dev.fluxion.ffi.Layout;
import dev.fluxion.ffi.MatMul;
import dev.fluxion.ffi.Operation;
import dev.fluxion.ffi.PostOps;
import dev.fluxion.ffi.Softmax;
import dev.fluxion.ir.Shape;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import java.util.stream.IntStream;

/**
 * How an attention is computed in blocks: the weights of some heads and queries, which fit in a cache, at a time. It needs no more
 * memory than a block has, and a block sees all keys, or, if attention is causal, those that are not behind it.
 *
 * @param q the queries
 * @param k the keys
 * @param v the values
 * @param y the results
 * @param mask the shape of what is added, N×H×T×S, of which all but the last may be 1
 * @param isCausal whether a query sees no keys behind it
 * @param dropout the probability with which weights are dropped
 * @param group the heads of a block
 * @param rows the queries of a block; the last one may have fewer
 */
public record AttentionBlocks(
        Heads q,
        Heads k,
        Heads v,
        Heads y,
        Optional<Shape> mask,
        boolean isCausal,
        double dropout,
        int group,
        int rows) {
    /** The bytes that the weights of a block may take, of one head and of several together. */
    private static final long SINGLE = 1 << 19;

    private static final long SEVERAL = 1 << 18;
    /** Blocks that see some of the keys only have so many shapes. */
    private static final int SHAPES = 8;
    /** Kernels compute so many rows at once. */
    private static final int STEP = 16;

    /**
     * Blocks with the same shape.
     *
     * @param rows the queries of each
     * @param keys the keys that they see
     * @param starts their first queries
     * @param isFirst whether they are the first to be computed of their heads
     */
    record Run(int rows, int keys, List<Integer> starts, boolean isFirst) {}

    /**
     * Blocks that fit.
     *
     * @param whole queries of the attention that this one is a part of, which decide
     */
    public static AttentionBlocks of(
            Heads q, Heads k, Heads v, Heads y, Optional<Shape> mask, boolean isCausal, double dropout, Shape whole) {
        long row = (long) Float.BYTES * k.length();
        long most = Math.max(STEP, SINGLE / row / STEP * STEP);
        int rows = (int) Math.min(whole.dim(1), most);
        int group = IntStream.rangeClosed(1, whole.dim(2))
                .filter(g ->
                        whole.dim(2) % g == 0 && q.heads() % g == 0 && (g == 1 || (long) g * rows * row <= SEVERAL))
                .max()
                .orElseThrow();
        return new AttentionBlocks(q, k, v, y, mask, isCausal, dropout, group, rows);
    }

    /** What the library has to have kernels for. */
    public List<Operation> forward() {
        return operations(List.of(this::logits, this::softmax, this::results));
    }

    /** What the library has to have kernels for, for the gradients. */
    public List<Operation> backward() {
        return operations(List.of(
                this::logits,
                this::softmax,
                this::changes,
                this::centred,
                this::weighted,
                this::valueGradients,
                this::queryGradients,
                this::keyGradients));
    }

    private List<Operation> operations(List<Function<Run, Operation>> stages) {
        List<Function<Run, Operation>> all = new ArrayList<>(stages);
        mask.ifPresent(m -> all.add(this::masked));
        if (isDropping()) {
            all.add(this::dropped);
        }
        return runs().stream()
                .flatMap(run -> all.stream().map(stage -> stage.apply(run)))
                .toList();
    }

    /** Blocks of heads that are computed together. */
    int groups() {
        return q.heads() / group;
    }

    /** The blocks of each head, those with the last queries first: they see all keys. */
    List<Run> runs() {
        int last = (q.length() - 1) / rows * rows;
        List<Run> runs = new ArrayList<>();
        runs.add(new Run(q.length() - last, k.length(), List.of(last), true));
        List<Integer> others = IntStream.range(0, last / rows)
                .map(i -> last - (i + 1) * rows)
                .boxed()
                .toList();
        Map<Integer, List<Integer>> byKeys = new LinkedHashMap<>();
        others.forEach(start -> byKeys.computeIfAbsent(seen(start + rows), keys -> new ArrayList<>())
                .add(start));
        byKeys.forEach((keys, starts) -> runs.add(new Run(rows, keys, starts, false)));
        return runs;
    }

    /** The keys that queries up to one see, or some more, so that there are few shapes of blocks. */
    private int seen(int queries) {
        int step = (k.length() / SHAPES / rows + 1) * rows;
        return isCausal ? Math.min(k.length(), (queries + step - 1) / step * step) : k.length();
    }

    long floats() {
        return (long) group * rows * k.length();
    }

    private Layout weights(Run run) {
        return Layout.plain(group, run.rows, run.keys);
    }

    /** The weights with rows and columns exchanged. */
    private Layout turned(Run run) {
        return Layout.strided(
                new long[] {group, run.keys, run.rows}, new long[] {(long) run.rows * run.keys, 1, run.keys});
    }

    private PostOps scaled() {
        return PostOps.NONE.eltwise(Eltwise.Function.LINEAR, (float) (1 / Math.sqrt(q.size())), 0);
    }

    /** Products of queries and keys. */
    MatMul logits(Run run) {
        return MatMul.of(q.matrices(group, run.rows), k.transposed(group, run.keys), weights(run))
                .postOps(scaled());
    }

    /** Adds a mask to logits. */
    Binary masked(Run run) {
        Shape own = mask.orElseThrow();
        int some = own.dim(1) == 1 ? 1 : group;
        int positions = own.dim(2) == 1 ? 1 : run.rows;
        long length = own.dim(3);
        Layout layout =
                Layout.strided(new long[] {some, positions, run.keys}, new long[] {own.dim(2) * length, length, 1});
        return Binary.of(Binary.Function.ADD, weights(run), layout, weights(run));
    }

    /** Where the mask of a block begins, in floats. */
    long maskAt(int sample, int position, int head) {
        Shape own = mask.orElseThrow();
        long matrix = (own.dim(0) == 1 ? 0 : (long) sample * own.dim(1)) + (own.dim(1) == 1 ? 0 : head);
        return (matrix * own.dim(2) + (own.dim(2) == 1 ? 0 : position)) * own.dim(3);
    }

    boolean isDropping() {
        return dropout > 0;
    }

    /** Multiplies weights, or their gradients, by what is kept of them. */
    Binary dropped(Run run) {
        return Binary.of(Binary.Function.MUL, weights(run), weights(run), weights(run));
    }

    /** Where the seeds of queries begin, in floats. */
    long seedsAt(int sample, int position, int head) {
        return 2 * commonAt(sample, position, head);
    }

    /** Weights of logits. */
    Softmax softmax(Run run) {
        return Softmax.of(1, Layout.plain((long) group * run.rows, run.keys));
    }

    /** Means of values, by weights. */
    MatMul results(Run run) {
        return MatMul.of(weights(run), v.matrices(group, run.keys), y.matrices(group, run.rows));
    }

    /** Gradients of weights. */
    MatMul changes(Run run) {
        return MatMul.of(y.matrices(group, run.rows), v.transposed(group, run.keys), weights(run));
    }

    /** Gradients of weights less what all of a query have in common. */
    Binary centred(Run run) {
        Layout common = Layout.strided(new long[] {group, run.rows, 1}, new long[] {q.length(), 1, 1});
        return Binary.of(Binary.Function.SUB, weights(run), common, weights(run));
    }

    /** Where what is common begins, in floats. */
    long commonAt(int sample, int position, int head) {
        return ((long) sample * q.heads() + head) * q.length() + position;
    }

    /** Gradients of logits before they are scaled. */
    Binary weighted(Run run) {
        return Binary.of(Binary.Function.MUL, weights(run), weights(run), weights(run))
                .postOps(scaled());
    }

    MatMul queryGradients(Run run) {
        return MatMul.of(weights(run), k.matrices(group, run.keys), dense(q).matrices(group, run.rows));
    }

    /** Sums over all blocks, of which the first begins. */
    MatMul keyGradients(Run run) {
        return summed(run, q, dense(k));
    }

    /** Sums over all blocks, of which the first begins. */
    MatMul valueGradients(Run run) {
        return summed(run, y, dense(v));
    }

    private MatMul summed(Run run, Heads of, Heads to) {
        MatMul product = MatMul.of(turned(run), of.matrices(group, run.rows), to.matrices(group, run.keys));
        return run.isFirst ? product : product.postOps(PostOps.NONE.sum(1));
    }

    /** The same heads without gaps, as gradients lie. */
    static Heads dense(Heads all) {
        return new Heads(all.samples(), all.length(), all.heads(), all.size(), (long) all.heads() * all.size());
    }
}
