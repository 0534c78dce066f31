package dev.fluxion.dsl.train;

import dev.fluxion.Optimizer;
import dev.fluxion.Tensor;
import dev.fluxion.data.Batch;
import dev.fluxion.dsl.internal.QuasiNewton;
import dev.fluxion.dsl.internal.QuasiNewton.Limits;
import dev.fluxion.dsl.internal.QuasiNewton.Memory;
import dev.fluxion.dsl.internal.QuasiNewton.Pair;
import dev.fluxion.dsl.optim.Lbfgs;
import dev.fluxion.ir.Expr;
import dev.fluxion.ir.Shape;
import dev.fluxion.ir.Slot;
import dev.fluxion.ir.Update;
import dev.fluxion.ir.ValueException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/**
 * Steps of an optimizer that evaluates a batch several times: {@link TrainingPasses#forward} and {@link TrainingPasses#backward} make its loss
 * and gradient, and all trained parameters together are its point. What it keeps has PyTorch's names.
 */
final class Searching {
    private static final String DIRECTION = "d";
    private static final String GRADIENT = "prev_flat_grad";
    private static final String CHANGE = "old_dirs_";
    private static final String STEP = "old_stps_";
    private static final String ITERATIONS = "n_iter";
    private static final String LENGTH = "t";

    private final Model model;
    private final List<String> trained;
    private final Lbfgs optimizer;
    private final QuasiNewton method;

    private Searching(Model model, List<String> trained, Lbfgs optimizer) {
        this.model = model;
        this.trained = trained;
        this.optimizer = optimizer;
        Limits limits = new Limits(
                optimizer.iterations(),
                optimizer.evaluations(),
                optimizer.gradientTolerance(),
                optimizer.changeTolerance(),
                optimizer.history(),
                optimizer.strongWolfe());
        this.method = new QuasiNewton(limits, x -> (float) x);
    }

    /** What makes the steps of a training with this optimizer, if no program does. */
    static Optional<Searching> of(Model model, List<String> trained, Optimizer optimizer) {
        return optimizer instanceof Lbfgs lbfgs ? Optional.of(new Searching(model, trained, lbfgs)) : Optional.empty();
    }

    /** What programs know of the optimizer: they change no parameters. */
    Optimizer still() {
        return new Still(optimizer.learningRate());
    }

    private record Still(double learningRate) implements Optimizer {
        @Override
        public List<Update> updates(List<Expr> parameters, List<Expr> gradients) {
            return List.of();
        }

        @Override
        public Expr next(Expr value, Expr gradient, Update.State state) {
            return value;
        }
    }

    /** A step; if it fails, weights, buffers and memory are those before. */
    float step(TrainingPasses training, Batch batch, double learningRate) {
        Map<String, Tensor> before = model.parameters().values();
        Memory known = method.memory();
        double[] point = flat(before);
        try {
            double loss = method.step(point, learningRate, (x, gradient) -> {
                move(x);
                training.zeroGrad();
                double value = training.forward(batch);
                training.backward();
                Map<String, Tensor> parts =
                        trained.stream().collect(Collectors.toMap(name -> name, training::gradient));
                System.arraycopy(flat(parts), 0, gradient, 0, gradient.length);
                return value;
            });
            move(point);
            return (float) loss;
        } catch (RuntimeException | Error e) {
            method.memory(known);
            model.parameters().setWithNaN(before);
            throw e;
        } finally {
            training.zeroGrad();
        }
    }

    private void move(double[] point) {
        Map<String, Tensor> parts = parts(point);
        parts.forEach((name, part) -> {
            for (float each : part.floats()) {
                if (!Float.isFinite(each)) {
                    throw new ValueException(Errors.movedTooFar(optimizer, name, each));
                }
            }
        });
        model.parameters().setWithNaN(parts);
    }

    /** What is kept of each parameter. */
    Map<Slot, Tensor> kept() {
        Map<Slot, Tensor> kept = new LinkedHashMap<>();
        Memory memory = method.memory();
        if (memory.iterations() > 0) {
            put(kept, DIRECTION, memory.direction());
            put(kept, GRADIENT, memory.gradient());
        }
        for (int i = 0; i < memory.pairs().size(); i++) {
            put(kept, CHANGE + i, memory.pairs().get(i).change());
            put(kept, STEP + i, memory.pairs().get(i).step());
        }
        return kept;
    }

    private void put(Map<Slot, Tensor> kept, String name, double[] values) {
        parts(values).forEach((parameter, part) -> kept.put(Slot.optimizer(name, parameter), part));
    }

    /** What is kept beside that. */
    Map<String, Double> numbers() {
        Memory memory = method.memory();
        return Map.of(ITERATIONS, (double) memory.iterations(), LENGTH, memory.length());
    }

    /** What a state keeps for somebody else. */
    Map<Slot, Tensor> others(TrainingState from) {
        return filtered(from, slot -> slot.owner() != Slot.Owner.OPTIMIZER);
    }

    /**
     * What makes this go on from a state.
     *
     * @throws IllegalArgumentException if it belongs to another optimizer or to other parameters, and nothing changes
     */
    Runnable restoring(TrainingState from) {
        Map<Slot, Tensor> kept = filtered(from, slot -> slot.owner() == Slot.Owner.OPTIMIZER);
        long iterations = from.numbers().getOrDefault(ITERATIONS, 0.0).longValue();
        double length = from.numbers().getOrDefault(LENGTH, 0.0);
        List<String> names = new ArrayList<>(iterations > 0 ? List.of(DIRECTION, GRADIENT) : List.of());
        int count = 0;
        while (kept.containsKey(Slot.optimizer(STEP + count, trained.get(0)))) {
            names.addAll(List.of(CHANGE + count, STEP + count));
            count++;
        }
        Set<Slot> slots = new LinkedHashSet<>();
        names.forEach(name -> trained.forEach(p -> slots.add(Slot.optimizer(name, p))));
        StateMismatch.refuse(slots, kept, model.parameters()::shape);
        if (iterations == 0) {
            return () -> method.memory(Memory.NONE);
        }
        List<Pair> pairs = IntStream.range(0, count)
                .mapToObj(i -> new Pair(flat(kept, CHANGE + i), flat(kept, STEP + i)))
                .toList();
        Memory memory = new Memory(iterations, length, flat(kept, DIRECTION), flat(kept, GRADIENT), pairs);
        return () -> method.memory(memory);
    }

    private static Map<Slot, Tensor> filtered(TrainingState from, Predicate<Slot> which) {
        Map<Slot, Tensor> some = new LinkedHashMap<>(from.kept());
        some.keySet().removeIf(which.negate());
        return some;
    }

    private double[] flat(Map<Slot, Tensor> kept, String name) {
        Map<String, Tensor> parts = new LinkedHashMap<>();
        trained.forEach(p -> parts.put(p, Objects.requireNonNull(kept.get(Slot.optimizer(name, p)))));
        return flat(parts);
    }

    /** The numbers of all trained parameters, one behind the other. */
    private double[] flat(Map<String, Tensor> parts) {
        return trained.stream()
                .map(parts::get)
                .flatMapToDouble(part -> Arrays.stream(part.toValue().data()))
                .toArray();
    }

    private Map<String, Tensor> parts(double[] values) {
        Map<String, Tensor> parts = new LinkedHashMap<>();
        int at = 0;
        for (String name : trained) {
            Shape shape = model.parameters().shape(name);
            float[] part = new float[shape.size()];
            for (int i = 0; i < part.length; i++) {
                part[i] = (float) values[at++];
            }
            parts.put(name, Tensor.of(part, shape));
        }
        return parts;
    }
}
