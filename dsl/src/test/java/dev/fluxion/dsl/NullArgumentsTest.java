package dev.fluxion.dsl;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;

import dev.fluxion.Input;
import dev.fluxion.Schedule;
import dev.fluxion.Tensor;
import dev.fluxion.Tensors;
import dev.fluxion.data.Batch;
import dev.fluxion.data.DataLoader;
import dev.fluxion.data.Dataset;
import dev.fluxion.dsl.layer.EmbeddingBag;
import dev.fluxion.dsl.layer.Gelu;
import dev.fluxion.dsl.layer.Initializers;
import dev.fluxion.dsl.layer.Layers;
import dev.fluxion.dsl.layer.Pad;
import dev.fluxion.dsl.layer.Pool;
import dev.fluxion.dsl.layer.Resize;
import dev.fluxion.dsl.layer.Seq;
import dev.fluxion.dsl.layer.Summary;
import dev.fluxion.dsl.lint.Check;
import dev.fluxion.dsl.lint.Finding;
import dev.fluxion.dsl.lint.Findings;
import dev.fluxion.dsl.lint.Lint;
import dev.fluxion.dsl.loss.CrossEntropy;
import dev.fluxion.dsl.loss.ElementwiseLoss;
import dev.fluxion.dsl.loss.Evaluation;
import dev.fluxion.dsl.loss.LossReduction;
import dev.fluxion.dsl.loss.Losses;
import dev.fluxion.dsl.loss.PairLoss;
import dev.fluxion.dsl.metric.Average;
import dev.fluxion.dsl.metric.ConfusionMatrix;
import dev.fluxion.dsl.metric.Regression;
import dev.fluxion.dsl.metric.Scale;
import dev.fluxion.dsl.optim.Optimizers;
import dev.fluxion.dsl.optim.Schedules;
import dev.fluxion.dsl.train.Best;
import dev.fluxion.dsl.train.Checkpoints;
import dev.fluxion.dsl.train.EarlyStopping;
import dev.fluxion.dsl.train.LearningRateFinder;
import dev.fluxion.dsl.train.LossCurve;
import dev.fluxion.dsl.train.Metrics;
import dev.fluxion.dsl.train.Model;
import dev.fluxion.dsl.train.ModelCard;
import dev.fluxion.dsl.train.Outcome;
import dev.fluxion.dsl.train.Trainer;
import dev.fluxion.dsl.train.Training;
import dev.fluxion.dsl.train.TrainingListener;
import dev.fluxion.dsl.train.TrainingState;
import dev.fluxion.dsl.train.TrainingStep;
import dev.fluxion.dsl.train.Trial;
import dev.fluxion.dsl.train.Vocabulary;
import dev.fluxion.io.Loading;
import dev.fluxion.ir.AxisRule;
import dev.fluxion.ir.ConvSpec;
import dev.fluxion.ir.DType;
import dev.fluxion.ir.Expr;
import dev.fluxion.ir.Given;
import dev.fluxion.ir.Graph;
import dev.fluxion.ir.Interpreter;
import dev.fluxion.ir.Legible;
import dev.fluxion.ir.Noise;
import dev.fluxion.ir.Op;
import dev.fluxion.ir.Origin;
import dev.fluxion.ir.PoolSpec;
import dev.fluxion.ir.Shape;
import dev.fluxion.ir.ShapeException;
import dev.fluxion.ir.Size;
import dev.fluxion.ir.Slot;
import dev.fluxion.ir.Update;
import dev.fluxion.ir.Value;
import dev.fluxion.ir.ValueException;
import java.io.IOException;
import java.lang.reflect.Array;
import java.lang.reflect.Constructor;
import java.lang.reflect.Executable;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.lang.reflect.Modifier;
import java.net.URISyntaxException;
import java.nio.FloatBuffer;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.BiConsumer;
import java.util.function.Consumer;
import java.util.function.IntToDoubleFunction;
import java.util.function.Predicate;
import java.util.function.Supplier;
import java.util.function.UnaryOperator;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Each public factory, constructor and method of the dsl and of expressions refuses null, unless it says that it takes it. Methods that
 * the library calls back, such as those of layers, are left out.
 */
class NullArgumentsTest {
    private static final List<String> ROOMS =
            List.of("dsl.layer", "dsl.lint", "dsl.loss", "dsl.metric", "dsl.optim", "dsl.train", "ir", "ir.fn");

    /** What layers, losses and optimizers have no need of, beside operators, which an {@link Expr} is made of. */
    private static final Set<Class<?>> INNER = Set.of(
            AxisRule.class,
            AxisRule.Along.class,
            AxisRule.Made.class,
            Given.class,
            Legible.class,
            Noise.class,
            Origin.class,
            ShapeException.class,
            ValueException.class);

    private static final Expr EXPR = Expr.input("x", Shape.of(1, 2));
    private static final Tensor ROW = Tensor.zeros(1, 2);
    private static final Dataset DATA = Dataset.of(ROW, ROW);
    private static final Model MODEL = Model.of(Layers.linear(2, 2), 2);
    private static final Training TRAINING = MODEL.training(Losses.mse(), Optimizers.sgd(0.1));

    /** One of each type, the first that fits being taken. */
    private static final List<Object> SAMPLES = List.of(
            ModelCard.of(),
            new Vocabulary(List.of("ids", "x", "name", "a", "text")),
            "name",
            DType.FLOAT,
            ROW,
            EXPR,
            Graph.of(Map.of("x", EXPR)),
            new Graph.Stage("main", Map.of(), List.of()),
            EXPR.op(),
            ConvSpec.of(),
            PoolSpec.of(Size.of(1)),
            new Interpreter(),
            Slot.optimizer("momentum", "weight"),
            Slot.Owner.OPTIMIZER,
            (Update.Rule) (value, gradient, state) -> value,
            new Unkept(),
            new Update(List.of(), List.of(), (value, gradient, state) -> value),
            (BiConsumer<Object, Object>) (a, b) -> {},
            DATA,
            DataLoader.of(DATA),
            new Batch(ROW, ROW),
            Tensors.of(ROW),
            MODEL.session(),
            MODEL.batchPredictor(1, 1),
            FloatBuffer.allocate(2),
            Input.floats("x", 2),
            Value.scalar(1),
            Shape.of(1, 2),
            Size.of(1),
            Path.of("nowhere", "file"),
            CallSite.caller(),
            List.of(),
            Map.of(),
            (Predicate<Object>) x -> true,
            (UnaryOperator<Object>) x -> x,
            (Consumer<Object>) x -> {},
            (IntToDoubleFunction) x -> 1,
            (Schedule) epoch -> 1,
            Loading.strict(),
            Lint.all(),
            Check.OVERLAP,
            new Findings(Lint.none()),
            new Finding(Check.OVERLAP, "here", "seen", "advice"),
            Set.of(),
            (Supplier<Object>) () -> "made",
            Layers.relu(),
            Layers.conv(1, 1),
            Layers.linear(1),
            Layers.layerNorm(1),
            Layers.batchNorm(1),
            Layers.groupNorm(1, 1),
            Layers.instanceNorm(1),
            Layers.rmsNorm(1),
            Layers.localResponseNorm(1),
            Layers.prelu(),
            Layers.cosineSimilarity("x"),
            Layers.pairwiseDistance("x"),
            Layers.conv3d(1, 1),
            Layers.conv3d(1, 1).kernel(),
            Layers.maxPool3d(1),
            Layers.unfold(1),
            Layers.fold(1, 1, 1),
            Layers.maxUnpool("x", 1),
            Layers.bilinear(1, 1, 1),
            Layers.squeezeExcite(1),
            Gelu.TANH,
            Layers.multiHeadAttention(1, 1),
            Layers.multiHeadAttention(1, 1).memory(),
            Layers.multiHeadAttention(1, 1).hides(),
            Layers.transformerEncoderLayer(1, 1),
            Layers.embedding(2, 1),
            Layers.embedding(2, 1).table(),
            Layers.embeddingBag(2, 1),
            EmbeddingBag.Mode.SUM,
            Layers.lstm(1),
            Layers.lstm(1).cell(),
            Layers.lstm(1).stack(),
            Layers.lstm(1).ends(),
            Layers.transformerDecoderLayer(1, 1),
            Layers.maxPool(1),
            Layers.convTranspose(1, 1),
            Layers.separable(1, 1, 1),
            Layers.lpPool(2, 1),
            Layers.adaptiveAvgPool(1),
            Layers.pad(1),
            Layers.resize(1, 1),
            Pad.Mode.REFLECT,
            Resize.Mode.NEAREST,
            Layers.residual(Layers.relu()),
            Layers.concat(Layers.relu()),
            Layers.product(Layers.relu()),
            Seq.of(),
            Initializers.zeros(),
            Pool.Kind.MAX,
            Summary.of(Layers.relu(), Shape.of(1, 2)),
            Losses.mse(),
            Losses.mse().formula(),
            (ElementwiseLoss.Each) (output, target) -> output,
            Losses.marginRanking(),
            Losses.marginRanking().formula(),
            (PairLoss.Each) (first, second, target) -> first,
            Losses.tripletMargin().distance(),
            Losses.regularised(Losses.mse()),
            Losses.stacked(Losses.tripletMargin()),
            LossReduction.MEAN,
            CrossEntropy.WhenAllIgnored.NAN,
            Evaluation.of(Losses.mse(), ROW, ROW),
            Optimizers.sgd(0.1),
            Optimizers.adam(0.1),
            Schedules.oneCycle(2),
            Optimizers.muon(0.1),
            Optimizers.muon(0.1).coefficients(),
            Schedules.plateau("loss"),
            Schedules.plateau("loss").seen(),
            Metrics.accuracy(),
            Average.MACRO,
            Scale.LOGITS,
            Regression.Kind.ABSOLUTE,
            Metrics.f1(Average.MACRO),
            Metrics.f1(Average.MACRO).ratio(),
            Metrics.rocAuc(Average.MACRO),
            Metrics.rocAuc(Average.MACRO).curve(),
            ConfusionMatrix.of(),
            MODEL,
            TRAINING,
            TRAINING.state(),
            TRAINING.checkpoint(),
            TrainingState.Progress.at(0),
            Checkpoints.in(Path.of("nowhere")),
            Best.highest("accuracy"),
            EarlyStopping.of(Best.highest("accuracy"), 1),
            Duration.ofSeconds(1),
            Trainer.of(Losses.mse(), Optimizers.sgd(0.1)).limits(),
            Trainer.of(Losses.mse(), Optimizers.sgd(0.1)).evaluations(),
            Outcome.End.EPOCHS,
            new TrainingListener.Epoch(0, 1, 0.1, 1, Map.of(), 1),
            Trainer.of(Losses.mse(), Optimizers.sgd(0.1)),
            Trial.Kind.OVERFIT,
            Trainer.of(Losses.mse(), Optimizers.sgd(0.1)).limits().trial(),
            LearningRateFinder.of(Trainer.of(Losses.mse(), Optimizers.sgd(0.1))),
            new TrainingListener.Begun(
                    Trainer.of(Losses.mse(), Optimizers.sgd(0.1)),
                    MODEL,
                    DataLoader.of(DATA),
                    0,
                    TrainingState.Progress.at(0)),
            LearningRateFinder.of(Trainer.of(Losses.mse(), Optimizers.sgd(0.1)))
                    .steps(10)
                    .run(MODEL, DataLoader.of(DATA)),
            (TrainingStep) Training::step,
            new LossCurve());

    /** Keeps nothing. */
    private static final class Unkept implements Update.State {
        @Override
        public Expr keep(String name, UnaryOperator<Expr> next) {
            return next.apply(EXPR);
        }

        @Override
        public Expr scalar(Update.Scalar value) {
            return Expr.constant(1);
        }
    }

    /** What every factory without arguments makes. */
    private static final List<Object> MADE = Stream.of(Layers.class, Losses.class, Optimizers.class, Metrics.class)
            .flatMap(factories -> Arrays.stream(factories.getMethods()))
            .filter(method -> Modifier.isStatic(method.getModifiers()) && method.getParameterCount() == 0)
            .map(factory -> invoke(factory, null))
            .toList();

    private record Call(Executable what, int argument) {
        @Override
        public String toString() {
            String types = Arrays.stream(what.getParameterTypes())
                    .map(Class::getSimpleName)
                    .collect(Collectors.joining(", ", "(", ")"));
            String name = what instanceof Method ? "." + what.getName() : "";
            return what.getDeclaringClass().getSimpleName() + name + types + " " + argument;
        }
    }

    static List<Call> calls() throws IOException, URISyntaxException, ClassNotFoundException {
        List<Call> calls = new ArrayList<>();
        for (Class<?> type : publicTypes()) {
            Stream<Method> methods = Arrays.stream(type.getDeclaredMethods())
                    .filter(m -> Modifier.isPublic(m.getModifiers()) && !isCalledBack(type, m));
            Stream<Constructor<?>> constructors =
                    Modifier.isAbstract(type.getModifiers()) ? Stream.of() : Arrays.stream(type.getConstructors());
            Stream.<Executable>concat(constructors, methods)
                    .sorted((a, b) -> a.toString().compareTo(b.toString()))
                    .forEach(e -> addCalls(calls, e));
        }
        assertThat(calls).hasSizeGreaterThan(640);
        return calls;
    }

    private static void addCalls(List<Call> calls, Executable what) {
        for (int i = 0; i < what.getParameterCount(); i++) {
            boolean nullable = what.getAnnotatedParameterTypes()[i].isAnnotationPresent(Nullable.class);
            if (!what.getParameterTypes()[i].isPrimitive() && !nullable) {
                calls.add(new Call(what, i));
            }
        }
    }

    private static List<Class<?>> publicTypes() throws IOException, URISyntaxException, ClassNotFoundException {
        List<Class<?>> types = new ArrayList<>();
        for (String room : ROOMS) {
            Class<?> neighbour = room.startsWith("dsl") ? Losses.class : Expr.class;
            for (Class<?> type : Rooms.types(neighbour, "dev.fluxion." + room)) {
                if (isPublic(type) && !INNER.contains(type) && !Op.class.isAssignableFrom(type)) {
                    types.add(type);
                }
            }
        }
        return types;
    }

    private static boolean isPublic(Class<?> type) {
        Class<?> outer = type.getEnclosingClass();
        return Modifier.isPublic(type.getModifiers()) && (outer == null || isPublic(outer));
    }

    /** Whether a method is that of an interface, which the library calls, or one of every object or enum. */
    private static boolean isCalledBack(Class<?> type, Method method) {
        return method.isSynthetic()
                || method.getName().equals("equals")
                || type.isEnum()
                || !Modifier.isStatic(method.getModifiers()) && isDeclaredAbove(type, method);
    }

    private static boolean isDeclaredAbove(Class<?> type, Method method) {
        return type.isInterface()
                || Arrays.stream(type.getInterfaces()).anyMatch(above -> Arrays.stream(above.getMethods())
                        .anyMatch(m -> m.getName().equals(method.getName())
                                && Arrays.equals(m.getParameterTypes(), method.getParameterTypes())));
    }

    @ParameterizedTest
    @MethodSource("calls")
    void nullIsRefused(Call call) {
        Class<?>[] types = call.what.getParameterTypes();
        Object[] arguments = new Object[types.length];
        for (int i = 0; i < types.length; i++) {
            arguments[i] = i == call.argument ? null : sample(types[i]);
        }
        boolean needsReceiver = call.what instanceof Method && !Modifier.isStatic(call.what.getModifiers());
        Object receiver = needsReceiver ? sample(call.what.getDeclaringClass()) : null;

        Throwable thrown = catchThrowable(() -> invoke(call.what, receiver, arguments));

        assertThat(thrown)
                .isExactlyInstanceOf(IllegalArgumentException.class)
                .hasMessageMatching("(?s).+: .+ must not be null");
    }

    private static @Nullable Object invoke(Executable what, @Nullable Object receiver, @Nullable Object... arguments) {
        try {
            return what instanceof Method method
                    ? method.invoke(receiver, arguments)
                    : ((Constructor<?>) what).newInstance(arguments);
        } catch (InvocationTargetException e) {
            if (e.getCause() instanceof RuntimeException cause) {
                throw cause;
            }
            throw new AssertionError(e);
        } catch (ReflectiveOperationException e) {
            throw new AssertionError(e);
        }
    }

    private static Object sample(Class<?> type) {
        if (type.isArray()) {
            return Array.newInstance(type.getComponentType(), 0);
        }
        if (type.isPrimitive()) {
            return primitive(type);
        }
        return Stream.concat(SAMPLES.stream(), MADE.stream())
                .filter(type::isInstance)
                .findFirst()
                .orElseThrow(() -> new AssertionError("a sample is missing for " + type));
    }

    private static Object primitive(Class<?> type) {
        if (type == boolean.class) {
            return true;
        }
        return type == int.class ? (Object) 1 : type == long.class ? (Object) 1L : type == float.class ? 0.5f : 0.5;
    }
}
