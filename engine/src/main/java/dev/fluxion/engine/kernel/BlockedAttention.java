package dev.fluxion.engine.kernel;

import dev.fluxion.engine.kernel.AttentionBlocks.Run;
import dev.fluxion.engine.plan.Buffer;
import dev.fluxion.engine.plan.Step;
import dev.fluxion.ffi.Arg;
import dev.fluxion.ffi.Call;
import dev.fluxion.ffi.Operation;
import dev.fluxion.ffi.Primitive;
import dev.fluxion.ffi.Slice;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.function.Function;
import java.util.function.IntToLongFunction;
import java.util.stream.LongStream;
import org.jspecify.annotations.Nullable;

/** Attention, and its gradients, by kernels of the library for one block after the other. */
public final class BlockedAttention {
    private static final Place START = (sample, position, head) -> 0;

    private final AttentionBlocks blocks;
    private final Function<Operation, Primitive> library;
    private final List<Stage> stages = new ArrayList<>();
    private final Buffer weights;

    /** Where the block of a sample, a query and a head begins, in floats. */
    private interface Place {
        long of(int sample, int position, int head);
    }

    /** An argument of a stage. */
    private record Operand(Arg arg, Buffer buffer, Place place) {}

    /** What is done to each block, by an operation or by a kernel of ours. */
    private record Stage(
            Function<Run, Optional<Operation>> operation,
            List<Operand> operands,
            @Nullable Own own) {}

    /** A kernel for the blocks of a run. */
    private interface Own {
        Step.Kernel bind(Step.Places places, Part part, Run run);
    }

    private BlockedAttention(AttentionBlocks blocks, Function<Operation, Primitive> library) {
        this.blocks = blocks;
        this.library = library;
        this.weights = room("weights");
    }

    private Buffer room(String name) {
        return Buffer.scratch(name, () -> Float.BYTES * blocks.floats());
    }

    /**
     * The step of an attention.
     *
     * @param library the kernels of the operations of the blocks
     * @param reads queries, keys, values, and a mask if there is one
     * @param to the result
     */
    public static Step forward(
            String operator,
            String origin,
            AttentionBlocks blocks,
            Function<Operation, Primitive> library,
            List<Buffer> reads,
            Buffer to) {
        return divided(List.of(to), blocks, (part, writes) -> {
            BlockedAttention all = new BlockedAttention(blocks, library);
            all.weigh(reads);
            List<Buffer> rooms = all.dropped(reads, all.weights);
            all.stage(
                    blocks::results,
                    all.weights(Arg.SOURCE),
                    keys(Arg.WEIGHTS, reads.get(2), blocks.v()),
                    rows(Arg.DESTINATION, to, blocks.y()));
            return all.step(operator, origin, reads, writes, rooms, part);
        });
    }

    /**
     * The step of the gradients of an attention.
     *
     * @param library the kernels of the operations of the blocks
     * @param reads the gradient of the result, what the gradients of a query's weights have in common, queries, keys, values, and a
     *     mask if there is one
     * @param to the gradients of queries, keys and values
     */
    public static Step backward(
            String operator,
            String origin,
            AttentionBlocks blocks,
            Function<Operation, Primitive> library,
            List<Buffer> reads,
            List<Buffer> to) {
        List<Buffer> operands = reads.subList(2, reads.size());
        Operand g = rows(Arg.SOURCE, reads.get(0), blocks.y());
        Heads queries = AttentionBlocks.dense(blocks.q());
        Heads keys = AttentionBlocks.dense(blocks.k());
        Heads values = AttentionBlocks.dense(blocks.v());
        return divided(to, blocks, (part, writes) -> {
            BlockedAttention all = new BlockedAttention(blocks, library);
            Buffer changes = all.room("changes");
            Operand made = new Operand(Arg.DESTINATION, changes, START);
            Operand read = new Operand(Arg.SOURCE, changes, START);
            all.weigh(operands);
            all.stage(blocks::changes, g, keys(Arg.WEIGHTS, operands.get(2), blocks.v()), made);
            List<Buffer> rooms = all.dropped(operands, changes);
            all.stage(blocks::centred, read, new Operand(Arg.RIGHT, reads.get(1), blocks::commonAt), made);
            all.stage(blocks::weighted, read, all.weights(Arg.RIGHT), made);
            if (blocks.isDropping()) {
                all.drop(all.weights, rooms.get(1));
            }
            all.stage(
                    blocks::valueGradients,
                    all.weights(Arg.SOURCE),
                    rows(Arg.WEIGHTS, reads.get(0), blocks.y()),
                    keys(Arg.DESTINATION, to.get(2), values));
            all.stage(
                    blocks::queryGradients,
                    read,
                    keys(Arg.WEIGHTS, operands.get(1), blocks.k()),
                    rows(Arg.DESTINATION, to.get(0), queries));
            all.stage(
                    blocks::keyGradients,
                    read,
                    rows(Arg.WEIGHTS, operands.get(0), blocks.q()),
                    keys(Arg.DESTINATION, to.get(1), keys));
            rooms.add(changes);
            return all.step(operator, origin, reads, writes, rooms, part);
        });
    }

    /** The weights of a block. */
    private void weigh(List<Buffer> operands) {
        Operand made = weights(Arg.DESTINATION);
        stage(
                blocks::logits,
                rows(Arg.SOURCE, operands.get(0), blocks.q()),
                keys(Arg.WEIGHTS, operands.get(1), blocks.k()),
                made);
        if (blocks.mask().isPresent()) {
            Operand mask = new Operand(Arg.RIGHT, operands.get(3), blocks::maskAt);
            stage(blocks::masked, weights(Arg.SOURCE), mask, made);
        }
        if (blocks.isCausal()) {
            own((places, part, run) -> new HiddenKeys(
                    places.first(weights).floats(),
                    blocks.group(),
                    run,
                    blocks.q().samples() * (part.to - part.from)));
        }
        stage(blocks::softmax, weights(Arg.SOURCE), made);
    }

    private void stage(Function<Run, Operation> operation, Operand... operands) {
        stages.add(new Stage(run -> Optional.of(operation.apply(run)), List.of(operands), null));
    }

    private void own(Own kernel) {
        stages.add(new Stage(run -> Optional.empty(), List.of(), kernel));
    }

    /** Drops weights, or their gradients, if any are to be; gives the room that a block takes. */
    private List<Buffer> dropped(List<Buffer> operands, Buffer of) {
        List<Buffer> rooms = new ArrayList<>(List.of(weights));
        if (blocks.isDropping()) {
            Buffer kept = room("kept");
            Buffer seeds = operands.get(operands.size() - 1);
            own((places, part, run) -> new KeptKeys(
                    blocks,
                    places.each(at -> at.of(seeds).floats()),
                    places.first(kept).ints(),
                    run,
                    begins(part, run, blocks::seedsAt)));
            rooms.add(kept);
            drop(of, kept);
        }
        return rooms;
    }

    private void drop(Buffer of, Buffer kept) {
        stage(
                blocks::dropped,
                new Operand(Arg.SOURCE, of, START),
                new Operand(Arg.RIGHT, kept, START),
                new Operand(Arg.DESTINATION, of, START));
    }

    private Operand weights(Arg arg) {
        return new Operand(arg, weights, START);
    }

    private static Operand rows(Arg arg, Buffer buffer, Heads heads) {
        return new Operand(arg, buffer, heads::at);
    }

    private static Operand keys(Arg arg, Buffer buffer, Heads heads) {
        return new Operand(arg, buffer, (sample, position, head) -> heads.at(sample, 0, head));
    }

    /** Some of the heads. */
    private record Part(int from, int to) {}

    private interface Maker {
        Step make(Part part, List<Buffer> writes);
    }

    /** A step for all heads, which threads may share. */
    private static Step divided(List<Buffer> to, AttentionBlocks blocks, Maker maker) {
        int groups = blocks.groups();
        return maker.make(new Part(0, groups), to)
                .shared((count, library) -> Step.Division.ofUnits(groups, count, (from, end) -> {
                    Part part = new Part(from, end);
                    return Optional.of(maker.make(
                            part, to.stream().map(b -> heads(b, blocks, part)).toList()));
                }));
    }

    private static Buffer heads(Buffer all, AttentionBlocks blocks, Part part) {
        return all.part(all.layout()
                .part(2, (long) part.from * blocks.group(), (long) part.to * blocks.group())
                .orElseThrow());
    }

    private Step step(
            String operator, String origin, List<Buffer> reads, List<Buffer> writes, List<Buffer> rooms, Part part) {
        List<Run> runs = blocks.runs();
        List<List<Optional<Primitive>>> primitives = runs.stream()
                .map(run -> stages.stream()
                        .map(stage -> stage.operation.apply(run).map(library))
                        .toList())
                .toList();
        long padBytes = primitives.stream()
                .flatMap(all -> all.stream().flatMap(Optional::stream))
                .mapToLong(Primitive::scratchpadBytes)
                .max()
                .orElse(0);
        Buffer pad = Buffer.scratch("scratchpad", padBytes);
        List<Buffer> scratch = new ArrayList<>(rooms);
        scratch.add(pad);
        String implementation =
                library.apply(blocks.logits(blocks.runs().get(0))).implementation();
        double pairs =
                (double) blocks.q().samples() * blocks.q().length() * blocks.k().length();
        double products = stages.stream()
                .filter(stage -> stage.operands.size() == 3)
                .mapToDouble(stage -> 2.0 * blocks.q().size())
                .sum();
        double flops = products * pairs * (part.to - part.from) * blocks.group();
        return Step.of(
                        operator,
                        origin,
                        reads,
                        writes,
                        implementation,
                        places -> bind(places, pad, part, runs, primitives))
                .needing(scratch)
                .flops(flops);
    }

    private Step.Kernel bind(
            Step.Places places, Buffer pad, Part part, List<Run> runs, List<List<Optional<Primitive>>> primitives) {
        List<Turn> turns = new ArrayList<>();
        for (int i = 0; i < runs.size(); i++) {
            Run run = runs.get(i);
            int heads = blocks.q().samples() * (part.to - part.from);
            Step.Kernel[] calls = new Step.Kernel[stages.size()];
            for (int j = 0; j < calls.length; j++) {
                Stage stage = stages.get(j);
                calls[j] = primitives
                        .get(i)
                        .get(j)
                        .map(primitive ->
                                places.kernel(at -> Calls.one(call(at, pad, part, run, stage.operands, primitive))))
                        .orElseGet(() -> Objects.requireNonNull(stage.own).bind(places, part, run));
            }
            turns.add(new Turn(calls, heads * run.starts().size()));
        }
        return new Turns(turns.toArray(Turn[]::new));
    }

    private Call call(Step.Places places, Buffer pad, Part part, Run run, List<Operand> operands, Primitive primitive) {
        Map<Arg, Slice> slices = new LinkedHashMap<>();
        Map<Arg, IntToLongFunction> paths = new LinkedHashMap<>();
        int times = 1;
        for (Operand operand : operands) {
            Slice all = places.first(operand.buffer);
            slices.put(operand.arg, all.slice(0, primitive.layout(operand.arg).bytes()));
            if (operand.place != START) {
                long[] begins = begins(part, run, operand.place);
                long motion = places.motion(operand.buffer);
                times = begins.length * places.times();
                paths.put(operand.arg, i -> i / begins.length * motion + begins[i % begins.length]);
            }
        }
        if (primitive.scratchpadBytes() > 0) {
            slices.put(Arg.SCRATCHPAD, places.first(pad).slice(0, primitive.scratchpadBytes()));
        }
        return primitive.along(slices, paths, times);
    }

    /** Where the blocks of a run begin, in bytes. */
    private long[] begins(Part part, Run run, Place place) {
        LongStream.Builder all = LongStream.builder();
        for (int start : run.starts()) {
            for (int sample = 0; sample < blocks.q().samples(); sample++) {
                for (int group = part.from; group < part.to; group++) {
                    all.add(Float.BYTES * place.of(sample, start, group * blocks.group()));
                }
            }
        }
        return all.build().toArray();
    }

    /** The stages of the blocks of a run. */
    @SuppressWarnings("ArrayRecordComponent") // made once, run often, never compared
    private record Turn(Step.Kernel[] calls, int repetitions) {}

    private static final class Turns implements Step.Kernel {
        private final Turn[] turns;
        private int tile;

        Turns(Turn[] turns) {
            this.turns = turns;
        }

        @Override
        public void at(int next) {
            tile = next;
        }

        @Override
        public void run() {
            for (Turn turn : turns) {
                for (int i = 0; i < turn.repetitions; i++) {
                    for (Step.Kernel call : turn.calls) {
                        call.at(tile * turn.repetitions + i);
                        call.run();
                    }
                }
            }
        }
    }
}
