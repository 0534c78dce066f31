package dev.fluxion.engine.plan;

import dev.fluxion.ffi.Layout;
import dev.fluxion.ffi.Operation;
import dev.fluxion.ffi.Primitive;
import dev.fluxion.ffi.Slice;
import dev.fluxion.ir.Expr;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.DoubleSupplier;
import java.util.function.Function;
import java.util.function.IntFunction;
import java.util.function.UnaryOperator;

/**
 * One kernel call to be.
 *
 * @param operator what it computes, with the fused operators
 * @param origin the layer or loss that it belongs to, as the user wrote it
 * @param reads the buffers that it reads
 * @param writes the buffers that it writes; the first one is its result
 * @param scratch buffers that it needs while it runs
 * @param inPlace whether the result may take the place of the first buffer read
 * @param implementation the name of the kernel
 * @param flops floating-point operations of one run
 * @param key when it runs beside others
 * @param binder makes the kernel, given where the buffers lie
 * @param division how threads share it
 */
public record Step(
        String operator,
        String origin,
        List<Buffer> reads,
        List<Buffer> writes,
        List<Buffer> scratch,
        boolean inPlace,
        String implementation,
        double flops,
        ScheduleKey key,
        Binder binder,
        Division division) {
    private static final Division UNDIVIDED = (count, library) -> List.of();

    /** A step without scratch, not in place, that belongs to no strand and that threads do not share. */
    public static Step of(
            String operator, String origin, List<Buffer> reads, List<Buffer> writes, String kernel, Binder binder) {
        return new Step(
                operator, origin, reads, writes, List.of(), false, kernel, 0, ScheduleKey.SERIAL, binder, UNDIVIDED);
    }

    /** The same for an expression, whose operator it computes. */
    public static Step of(Expr e, List<Buffer> reads, List<Buffer> writes, String kernel, Binder binder) {
        return of(e.op().toString(), e.origin(), reads, writes, kernel, binder);
    }

    /** The same step that reads and writes other buffers. */
    public Step touching(List<Buffer> read, List<Buffer> written) {
        return new Step(
                operator, origin, read, written, scratch, inPlace, implementation, flops, key, binder, division);
    }

    /** The same step that needs such buffers while it runs. */
    public Step needing(List<Buffer> room) {
        return new Step(operator, origin, reads, writes, room, inPlace, implementation, flops, key, binder, division);
    }

    /** The same step by another kernel, which threads do not share. */
    public Step by(Binder kernel) {
        return new Step(
                operator, origin, reads, writes, scratch, inPlace, implementation, flops, key, kernel, UNDIVIDED);
    }

    /** The same step that may overwrite its first operand. */
    public Step overwriting() {
        return new Step(operator, origin, reads, writes, scratch, true, implementation, flops, key, binder, division);
    }

    /**
     * The same step for one of the threads, which compute as many others like it, by its number among all of them.
     *
     * @param divides whether threads share it rather, if it can be divided
     */
    public Step oneOf(int number, int all, boolean divides) {
        return shared(new Division() {
            @Override
            public List<Step> into(int count, Library library) {
                List<Step> parts = divides ? division.into(count, library) : List.of();
                return parts.isEmpty() ? List.of(at(ScheduleKey.part(number * count / all))) : parts;
            }

            @Override
            public int calls(int count) {
                return 0;
            }
        });
    }

    /** The same step with its number of floating-point operations. */
    public Step flops(double count) {
        return new Step(
                operator, origin, reads, writes, scratch, inPlace, implementation, count, key, binder, division);
    }

    /** The same step under another key. */
    public Step at(ScheduleKey when) {
        return new Step(
                operator, origin, reads, writes, scratch, inPlace, implementation, flops, when, binder, division);
    }

    /** The same step, which threads may share. */
    public Step shared(Division among) {
        return new Step(operator, origin, reads, writes, scratch, inPlace, implementation, flops, key, binder, among);
    }

    /** How long the step takes, roughly and in no unit: kernels compute about two numbers in the time they move one byte. */
    double work() {
        return key.times() * (1 + flops + 2.0 * (bytes(reads) + bytes(writes)));
    }

    private static long bytes(List<Buffer> buffers) {
        long bytes = 0;
        for (Buffer buffer : buffers) {
            bytes += buffer.bytes();
        }
        return bytes;
    }

    /** A way to do the work of a step in parts, each of which a strand computes. */
    public interface Division {
        /** Steps that together give the bits of the whole, those of each part under the key of a strand; none if it has no such parts. */
        List<Step> into(int count, Library library);

        /** Parts of about equally many of some units; none if there are fewer of these, or no step for one of the parts. */
        static List<Step> ofUnits(int units, int count, Units part) {
            List<Step> parts = new ArrayList<>();
            for (int i = 0; i < count && units >= count; i++) {
                int from = (int) ((long) units * i / count);
                int to = (int) ((long) units * (i + 1) / count);
                Optional<Step> step = part.step(from, to);
                if (step.isEmpty()) {
                    return List.of();
                }
                parts.add(step.get().at(ScheduleKey.part(i)));
            }
            return parts;
        }

        /** The calls of kernels that so many parts take, if more than the whole. */
        default int calls(int count) {
            return count;
        }
    }

    /** Makes the step of some units that lie side by side. */
    public interface Units {
        /** The step of the units {@code from} to {@code to}; empty if there is none. */
        Optional<Step> step(int from, int to);
    }

    /** Finds kernels of the native library, and brings weights into the layouts that they want. */
    public interface Library {
        /** The primitive of an operation, of the first implementation or of the preferred one; empty if there is none. */
        Optional<Primitive> offered(Operation operation, UnaryOperator<String> preferred);

        /** Whether no run changes some weights, so that they can be kept in another layout as well. */
        default boolean packs(Buffer weights) {
            return false;
        }

        /** Weights in another layout, in which they are kept as well; empty for those that are not {@link #packs packed}. */
        default Optional<Buffer> packed(Buffer weights, Layout layout) {
            return Optional.empty();
        }
    }

    /** Where the buffers of a program lie, and what else it has of its own. */
    public interface Places {
        /** The memory of a buffer. */
        Slice of(Buffer buffer);

        /** What a symbol stands for. */
        <T> T of(Symbol<T> symbol);

        /** How many tiles the step runs for, one after the other. */
        default int times() {
            return 1;
        }

        /** The memory of a buffer for the first tile, for a kernel that can move on. */
        default Slice first(Buffer buffer) {
            return of(buffer);
        }

        /** How far a buffer moves on from tile to tile, in bytes. */
        default long motion(Buffer buffer) {
            return 0;
        }

        /** What is made of memory, by the number of the tile: one for all if none of the memory moves. */
        default <T> IntFunction<T> each(Function<Places, T> make) {
            T all = make.apply(this);
            return tile -> all;
        }

        /** A kernel, or one for each tile if it cannot move on. It is freed with the program, whatever becomes of what it is part of. */
        default Kernel kernel(Binder binder) {
            return binder.bind(this);
        }
    }

    /** A number that is known before each run. */
    public interface Scalar {
        /** Where it is found. */
        DoubleSupplier bind(Places places);
    }

    /** Makes a kernel. */
    public interface Binder {
        /** The kernel on the given memory. */
        Kernel bind(Places places);
    }

    /** A step that is bound to memory. */
    public interface Kernel {
        /** Computes. */
        void run();

        /** Moves on to a tile. */
        default void at(int tile) {}

        /** Frees what the kernel holds, but for kernels of {@link Places#kernel}. */
        default void close() {}
    }
}
