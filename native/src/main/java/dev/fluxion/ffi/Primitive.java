package dev.fluxion.ffi;

import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.function.IntToLongFunction;
import java.util.function.UnaryOperator;
import org.bytedeco.dnnl.dnnl_memory_desc;
import org.bytedeco.dnnl.dnnl_primitive;
import org.bytedeco.dnnl.dnnl_primitive_desc;
import org.bytedeco.dnnl.global.dnnl;
import org.jspecify.annotations.Nullable;

/**
 * An {@link Operation} with the implementation that computes it: bound to slices, compiled once for all calls, run many times.
 *
 * <p>The number of OpenMP threads of the creating thread is compiled in: run its calls on threads that have the same
 * number, see {@link Threads}. A primitive is immutable and may be bound and run by many threads at once, as long as each
 * call has a scratchpad of its own.
 */
public final class Primitive implements AutoCloseable {
    private final Handles handles;
    private final dnnl_primitive_desc descriptor;
    private final String implementation;
    private final String what;
    private final Operation operation;
    private final Map<Arg, Layout> layouts;
    private final int threads;
    private @Nullable dnnl_primitive compiled;
    private volatile boolean closed;

    private Primitive(Candidates from, Operation operation) {
        handles = new Handles();
        try {
            implementation = from.implementation();
            layouts = Collections.unmodifiableMap(chosen(from.current(), operation, from.recipe()));
            what = from.recipe().what();
            this.operation = operation;
            threads = Threads.current();
            descriptor = handles.create(
                    new dnnl_primitive_desc(),
                    d -> dnnl.dnnl_primitive_desc_clone(d, from.current()),
                    dnnl::dnnl_primitive_desc_destroy,
                    what);
        } catch (RuntimeException | Error e) {
            handles.close();
            throw e;
        }
    }

    /**
     * The first implementation that is neither unsafe nor a reference loop.
     *
     * @throws NoImplementationException if only refused ones exist, or none
     * @throws NativeException if the library rejects the operation, for example because shapes do not fit
     */
    public static Primitive of(Operation operation) {
        NativeLibrary.load();
        try (Candidates candidates = new Candidates(operation)) {
            if (!candidates.next()) {
                throw candidates.exhausted();
            }
            return new Primitive(candidates, operation);
        }
    }

    /**
     * The first implementation, as {@link #of(Operation)} finds it, or another one in its place.
     *
     * @param rival the name of the implementation to take instead, if it is offered, given the name of the first
     */
    public static Primitive of(Operation operation, UnaryOperator<String> rival) {
        NativeLibrary.load();
        try (Candidates candidates = new Candidates(operation)) {
            if (!candidates.next()) {
                throw candidates.exhausted();
            }
            String wanted = rival.apply(candidates.implementation());
            do {
                if (candidates.implementation().equals(wanted)) {
                    return new Primitive(candidates, operation);
                }
            } while (candidates.next());
        }
        return of(operation);
    }

    /**
     * All acceptable implementations, in oneDNN's order of preference; empty if there is none. The caller closes each.
     *
     * @throws NativeException if the library rejects the operation
     */
    public static List<Primitive> all(Operation operation) {
        NativeLibrary.load();
        List<Primitive> all = new ArrayList<>();
        try (Candidates candidates = new Candidates(operation)) {
            while (candidates.next()) {
                all.add(new Primitive(candidates, operation));
            }
            return List.copyOf(all);
        } catch (RuntimeException | Error e) {
            all.forEach(Primitive::close);
            throw e;
        }
    }

    /** What it computes, as it was asked for. */
    public Operation operation() {
        return operation;
    }

    /** oneDNN's name of the implementation, such as {@code jit:avx2}. */
    public String implementation() {
        return implementation;
    }

    /** How many OpenMP threads it was compiled for. */
    public int threads() {
        return threads;
    }

    /**
     * The arguments that {@link #bind} wants, with the layouts that were chosen. Among them are {@link Arg#WORKSPACE} and
     * {@link Arg#SCRATCHPAD} where the implementation needs them.
     */
    public Map<Arg, Layout> layouts() {
        return layouts;
    }

    /**
     * The layout of one argument.
     *
     * @throws IllegalArgumentException if the primitive has no such argument
     */
    public Layout layout(Arg arg) {
        Layout layout = layouts.get(arg);
        if (layout == null) {
            throw new IllegalArgumentException(Errors.noArgument(arg, description()));
        }
        return layout;
    }

    /** Room the primitive needs while it runs, in bytes; 0 if none. */
    public long scratchpadBytes() {
        Layout scratchpad = layouts.get(Arg.SCRATCHPAD);
        return scratchpad == null ? 0 : scratchpad.bytes();
    }

    /** What it computes: kind, shapes, layouts, post-ops and implementation, in one line. */
    public String description() {
        return Description.of(what, layouts, operation.postOps()) + "; " + implementation;
    }

    /**
     * Puts the arguments in place.
     *
     * @param slices one slice, at least as long as its layout, for every argument in {@link #layouts()}
     * @throws IllegalArgumentException if an argument is missing, unknown or too short, or shares the scratchpad
     * @throws IllegalStateException if this primitive, or the memory of a slice, was closed
     */
    public Call bind(Map<Arg, Slice> slices) {
        return bind(slices, Map.of(), 1);
    }

    /**
     * Puts the arguments in place for a call that is repeated and moves on in between; see {@link Call#at}.
     *
     * @param slices where the arguments are for the first repetition; see {@link #bind(Map)}
     * @param motions how far arguments move on from one repetition to the next, in bytes; the others stay
     * @param times the number of repetitions
     * @throws IndexOutOfBoundsException if an argument leaves its memory on the way
     */
    public Call bind(Map<Arg, Slice> slices, Map<Arg, Long> motions, int times) {
        compiled();
        return reserve(slices, motions, times);
    }

    /**
     * The same for a call that may never run: it compiles the primitive, if nothing has, when it runs for the first time.
     *
     * @see #bind(Map, Map, int)
     */
    public Call reserve(Map<Arg, Slice> slices, Map<Arg, Long> motions, int times) {
        Map<Arg, IntToLongFunction> paths = new LinkedHashMap<>();
        for (Map.Entry<Arg, Long> each : motions.entrySet()) {
            long motion = each.getValue();
            if (motion != 0) {
                paths.put(each.getKey(), repetition -> repetition * motion);
            }
        }
        return call(slices, paths, times);
    }

    /**
     * Puts the arguments in place for a call that is repeated elsewhere; see {@link Call#at}.
     *
     * @param slices where paths begin; see {@link #bind(Map)}
     * @param paths how far from there arguments are for each repetition, in bytes; the others stay
     * @param times the number of repetitions
     * @throws IndexOutOfBoundsException if an argument leaves its memory on the way
     */
    public Call along(Map<Arg, Slice> slices, Map<Arg, IntToLongFunction> paths, int times) {
        compiled();
        return call(slices, paths, times);
    }

    private Call call(Map<Arg, Slice> slices, Map<Arg, IntToLongFunction> paths, int times) {
        requireOpen();
        for (Arg arg : slices.keySet()) {
            layout(arg);
        }
        for (Map.Entry<Arg, Layout> wanted : layouts.entrySet()) {
            Slice slice = slices.get(wanted.getKey());
            if (slice == null) {
                throw new IllegalArgumentException(Errors.missing(wanted.getKey(), description()));
            }
            if (slice.bytes() < wanted.getValue().bytes()) {
                throw new IllegalArgumentException(
                        Errors.tooShort(wanted.getKey(), slice.bytes(), wanted.getValue(), description()));
            }
        }
        requireScratchpadAlone(slices);
        for (Map.Entry<Arg, IntToLongFunction> path : paths.entrySet()) {
            Slice first = Objects.requireNonNull(slices.get(path.getKey()), path.getKey()::name);
            for (int i = 0; i < times; i++) {
                first.memory().slice(first.offset() + path.getValue().applyAsLong(i), first.bytes());
            }
        }
        return new PrimitiveCall(this, slices, paths);
    }

    /** Frees the primitive. Calls bound to it can no longer run. Closing again does nothing. */
    @Override
    public synchronized void close() {
        closed = true;
        handles.close();
    }

    /** Compiles it, if nobody has. */
    synchronized dnnl_primitive compiled() {
        requireOpen();
        if (compiled == null) {
            compiled = handles.create(
                    new dnnl_primitive(),
                    p -> dnnl.dnnl_primitive_create(p, descriptor),
                    dnnl::dnnl_primitive_destroy,
                    this);
        }
        return compiled;
    }

    void requireOpen() {
        if (closed) {
            throw new IllegalStateException(Errors.closed(description()));
        }
    }

    @Override
    public String toString() {
        return description();
    }

    /** Some implementations keep pointers there while they run. */
    private void requireScratchpadAlone(Map<Arg, Slice> slices) {
        Slice scratchpad = slices.get(Arg.SCRATCHPAD);
        for (Map.Entry<Arg, Slice> each : slices.entrySet()) {
            boolean other = !each.getKey().equals(Arg.SCRATCHPAD);
            if (scratchpad != null && other && each.getValue().overlaps(scratchpad)) {
                throw new IllegalArgumentException(Errors.sharedScratchpad(each.getKey(), description()));
            }
        }
    }

    private static Map<Arg, Layout> chosen(dnnl_primitive_desc descriptor, Operation operation, Recipe recipe) {
        Map<Arg, Layout> chosen = new LinkedHashMap<>();
        for (Arg arg : recipe.layouts().keySet()) {
            chosen.put(arg, queried(descriptor, arg).orElseThrow());
        }
        for (int i = 0; i < operation.postOps().steps().size(); i++) {
            if (operation.postOps().steps().get(i) instanceof PostOps.Combine) {
                Arg arg = Arg.postOp(i);
                chosen.put(arg, queried(descriptor, arg).orElseThrow());
            }
        }
        for (Arg arg : List.of(Arg.WORKSPACE, Arg.SCRATCHPAD)) {
            Optional<Layout> layout = queried(descriptor, arg);
            if (layout.isPresent() && layout.get().bytes() > 0) {
                chosen.put(arg, layout.get());
            }
        }
        return chosen;
    }

    private static Optional<Layout> queried(dnnl_primitive_desc descriptor, Arg arg) {
        dnnl_memory_desc found = dnnl.dnnl_primitive_desc_query_md(descriptor, dnnl.dnnl_query_exec_arg_md, arg.code());
        return found == null ? Optional.empty() : Layout.of(found);
    }
}
