package dev.fluxion.engine;

import dev.fluxion.Scope;
import dev.fluxion.Tensor;
import dev.fluxion.engine.error.Errors;
import dev.fluxion.engine.store.Checks;
import dev.fluxion.engine.store.FirstValues;
import dev.fluxion.engine.store.Freed;
import dev.fluxion.engine.store.ParameterStore;
import dev.fluxion.io.Loading;
import dev.fluxion.ir.DType;
import dev.fluxion.ir.Given;
import dev.fluxion.ir.Shape;
import java.lang.ref.Cleaner;
import java.util.Collection;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.WeakHashMap;
import java.util.function.Supplier;

/**
 * The parameters and buffers of a model, shared by all programs compiled with them: what is in its state dict. Parameters are
 * trained; buffers, such as running means, are not, but training steps change them, too. They lie one after the other in native
 * memory, each in the layout that the first program's kernels want, so that an update is a pass over flat memory. What a
 * training keeps beside the parameters is in its {@link RunState}.
 *
 * <p>Any thread may read and write them: a run that changes them waits for other runs, for readers and writers, and they
 * for it. Closing closes the programs, too.
 */
public final class Parameters implements AutoCloseable {
    private final ParameterStore store = new ParameterStore();
    private final Plans plans = new Plans();
    private final Cleaner.Cleanable planned = Freed.with(this, plans.held());
    /** Programs and states that have not been closed and that somebody can reach. */
    private final Set<AutoCloseable> dependents = Collections.newSetFromMap(new WeakHashMap<>());

    private final Object compiling = new Object();

    private Parameters() {}

    /**
     * The parameters and buffers that layers declared, with their first values drawn from {@code seed}.
     *
     * @throws IllegalArgumentException if an initializer fails, or gives a number that is not finite
     */
    public static Parameters of(Scope scope, long seed) {
        Parameters parameters = new Parameters();
        Set<String> buffers = scope.buffers().keySet();
        for (Map.Entry<String, Scope.Parameter> each : scope.declared().entrySet()) {
            String name = each.getKey();
            Scope.Parameter declared = each.getValue();
            float[] first = FirstValues.of(declared, seed);
            parameters.store.add(name, declared.expr().shape(), first, buffers.contains(name));
        }
        return parameters;
    }

    /** Parameters with the given values. */
    public static Parameters of(Map<String, Tensor> values) {
        return of(values, Set.of());
    }

    /**
     * Parameters and buffers with the given values.
     *
     * @param buffers the names of those that are buffers
     */
    public static Parameters of(Map<String, Tensor> values, Collection<String> buffers) {
        Parameters parameters = new Parameters();
        values.forEach(
                (name, t) -> parameters.store.add(name, t.shape(), t.floats().clone(), buffers.contains(name)));
        return parameters;
    }

    /** Copies of these, which no program shares with them. */
    public Parameters copy() {
        return of(values(), buffers());
    }

    /** The names of the parameters, in the order of declaration; without the buffers. */
    public Collection<String> names() {
        return store.parameterNames();
    }

    /** The names of the buffers, in the order of declaration. */
    public Collection<String> buffers() {
        return store.bufferNames();
    }

    /** The shape of a parameter or buffer. */
    public Shape shape(String name) {
        return store.shape(name);
    }

    /** The shapes of parameters and buffers by name, in the order of declaration, as in a state dict. */
    public Map<String, Shape> shapes() {
        return store.shapes();
    }

    /** The number of elements of all parameters; without the buffers. */
    public long count() {
        return names().stream().mapToLong(name -> shape(name).size()).sum();
    }

    /** The bytes of native memory that the values take, with the copies of them in the layouts that programs want. */
    public long bytes() {
        return store.bytes();
    }

    /** A copy of the value of a parameter or buffer. */
    public Tensor get(String name) {
        return store.get(name);
    }

    /**
     * Gives a parameter or buffer a value. Values that an update has spoilt are sound again when each is given one.
     *
     * @throws IllegalArgumentException if there is no such parameter or buffer, or the value is null, of another shape or element
     *     type or not finite
     */
    public void set(String name, Tensor value) {
        store.requireFit(name, value);
        Tensor own = own(value);
        Checks.requireFinite(Errors.quoted(name), own.floats(), own.shape());
        store.setWithNaN(Map.of(name, own));
    }

    /** A copy, which no other thread changes while it is looked at. */
    private static Tensor own(Tensor value) {
        return value == null || value.dtype() == DType.INT
                ? value
                : Tensor.of(value.floats().clone(), value.shape());
    }

    /**
     * Gives some parameters and buffers values, in which there may be NaN and infinities; nothing changes unless all names and
     * shapes fit.
     *
     * @throws IllegalArgumentException if there is no such parameter or buffer, or a value is null or of another shape or element
     *     type
     */
    public void setWithNaN(Map<String, Tensor> values) {
        store.setWithNaN(Given.require("set", "the map of values", values));
    }

    /** Copies of all values by name, all of the same moment. */
    public Map<String, Tensor> values() {
        return store.values();
    }

    /**
     * Gives every parameter and every buffer its value; nothing changes unless all names and shapes fit.
     *
     * @throws IllegalArgumentException if there is no map, or a parameter or buffer is missing or unknown, its shape or element
     *     type is another, or it is not finite; all such values are named
     */
    public void load(Map<String, Tensor> values) {
        Map<String, Tensor> own = new LinkedHashMap<>(Given.require("load", "the map of values", values));
        own.replaceAll((name, value) -> own(value));
        Loading.strict().load(own, shapes(), this::setWithNaN);
    }

    /** Closes all programs compiled with these parameters, waiting for runs to end, and frees the memory. */
    @Override
    public void close() {
        List<AutoCloseable> open;
        synchronized (this) {
            store.refuse();
            open = List.copyOf(dependents);
        }
        open.stream().filter(Program.class::isInstance).forEach(p -> ((Program) p).close());
        open.stream().filter(RunState.class::isInstance).forEach(s -> ((RunState) s).close());
        plans.close();
        planned.clean();
        store.close();
    }

    /**
     * Compiles, one program after the other, since the first one chooses how parameters lie. If that one fails, nothing is
     * chosen.
     */
    Program compiling(Supplier<Program> compile) {
        synchronized (compiling) {
            boolean first = !store.isFixed();
            try {
                Program program = compile.get();
                store.settle();
                return program;
            } catch (RuntimeException | Error e) {
                if (first) {
                    store.writing(this::undo);
                }
                throw e;
            }
        }
    }

    /** Goes back to where no layout was chosen. */
    private synchronized void undo() {
        plans.clear();
        store.undo();
        dependents.stream()
                .filter(RunState.class::isInstance)
                .forEach(s -> ((RunState) s).store().empty());
    }

    /** Where the values lie. */
    ParameterStore store() {
        return store;
    }

    /** The plans of programs that were compiled before. */
    Plans plans() {
        return plans;
    }

    /** Notes a program or a state that is to be closed with the parameters. */
    synchronized void register(AutoCloseable dependent) {
        store.requireOpen();
        dependents.add(dependent);
    }

    synchronized void forget(AutoCloseable dependent) {
        dependents.remove(dependent);
    }
}
