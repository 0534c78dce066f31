package dev.fluxion.dsl.loss;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.fluxion.dsl.internal.Numbers;
import dev.fluxion.dsl.layer.Layers;
import dev.fluxion.dsl.loss.LossCase.Variant;
import dev.fluxion.dsl.metric.Average;
import dev.fluxion.dsl.optim.Optimizers;
import dev.fluxion.dsl.optim.Schedules;
import dev.fluxion.dsl.train.Metrics;
import java.lang.reflect.Constructor;
import java.lang.reflect.Executable;
import java.lang.reflect.Method;
import java.lang.reflect.Modifier;
import java.lang.reflect.RecordComponent;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.stream.Stream;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Numbers that mean nothing are refused as soon as they are given, whatever the option. */
class OptionsTest {
    static Stream<Record> records() {
        Stream<Object> losses = LossCatalogue.rows().stream()
                .flatMap(row -> row.variants().stream().limit(1))
                .map((Variant v) ->
                        v.maker().make(new Draw(1), LossReduction.MEAN).loss());
        return Stream.concat(
                        losses,
                        Stream.of(
                                Losses.regularised(Losses.mse()),
                                Layers.layerNorm(4),
                                Layers.batchNorm(4),
                                Layers.groupNorm(2, 4),
                                Layers.instanceNorm(4),
                                Layers.rmsNorm(4),
                                Layers.prelu(),
                                Layers.localResponseNorm(3),
                                Layers.cosineSimilarity("x"),
                                Layers.pairwiseDistance("x"),
                                Layers.lpPool(2, 2),
                                Layers.pad(1),
                                Layers.upsample(2),
                                Layers.multiHeadAttention(4, 2),
                                Layers.transformerEncoderLayer(4, 2),
                                Layers.lstm(4),
                                Layers.transformerDecoderLayer(4, 2),
                                Layers.multiHeadAttention(4, 2).memory(),
                                Layers.multiHeadAttention(4, 2).hides(),
                                new TripletMargin.Norm(2, 1e-6),
                                Optimizers.sgd(1),
                                Optimizers.adam(1),
                                Optimizers.adamW(1),
                                Optimizers.adamax(1),
                                Optimizers.nAdam(1),
                                Optimizers.rAdam(1),
                                Optimizers.adagrad(1),
                                Optimizers.adadelta(1),
                                Optimizers.rmsProp(1),
                                Optimizers.rprop(1),
                                Optimizers.lion(1),
                                Optimizers.asgd(1),
                                Optimizers.muon(1),
                                Optimizers.adafactor(1),
                                Optimizers.lbfgs(1),
                                Optimizers.sparseAdam(1),
                                Schedules.oneCycle(9),
                                Schedules.cyclic(0.5, 3),
                                Schedules.plateau("loss"),
                                Metrics.binaryAccuracy(),
                                Metrics.f1(Average.BINARY),
                                Metrics.mape()))
                .map(Record.class::cast);
    }

    static Object[] values(Record options) throws ReflectiveOperationException {
        RecordComponent[] components = options.getClass().getRecordComponents();
        Object[] values = new Object[components.length];
        for (int i = 0; i < values.length; i++) {
            values[i] = components[i].getAccessor().invoke(options);
        }
        return values;
    }

    static Constructor<? extends Record> constructor(Record options) throws ReflectiveOperationException {
        Class<?>[] types = Arrays.stream(options.getClass().getRecordComponents())
                .map(RecordComponent::getType)
                .toArray(Class<?>[]::new);
        return options.getClass().getConstructor(types);
    }

    @ParameterizedTest
    @MethodSource("records")
    void anOptionIsChangedByTheMethodOfItsNameAndNothingElse(Record options) throws ReflectiveOperationException {
        RecordComponent[] components = options.getClass().getRecordComponents();
        for (Method method : options.getClass().getMethods()) {
            for (int i = 0; i < components.length; i++) {
                Class<?> type = components[i].getType();
                if (method.getName().equals(components[i].getName())
                        && Arrays.equals(method.getParameterTypes(), new Class<?>[] {type})
                        && (type.isPrimitive() || type.isEnum())) {
                    Object[] changed = values(options);
                    changed[i] = other(type, changed[i]);
                    assertThat(method.invoke(options, changed[i]))
                            .isEqualTo(constructor(options).newInstance(changed));
                }
            }
        }
    }

    private static Object other(Class<?> type, Object value) {
        if (type == boolean.class) {
            return !(boolean) value;
        }
        if (type.isEnum()) {
            Object[] all = type.getEnumConstants();
            return value == all[0] ? all[1] : all[0];
        }
        if (value instanceof Double number && (number < 0 || number > 1)) {
            return number * 0.75;
        }
        return type == double.class ? (Object) 0.625 : (Object) 2;
    }

    static Stream<Method> factories() {
        return Stream.of(Losses.class, Optimizers.class, Schedules.class)
                .flatMap(c -> Arrays.stream(c.getDeclaredMethods()))
                .filter(m -> Modifier.isPublic(m.getModifiers()) && m.getReturnType() != void.class)
                .filter(m -> List.of(m.getParameterTypes()).contains(int.class));
    }

    @ParameterizedTest
    @MethodSource("factories")
    void factoriesCheckTheirCounts(Method factory) throws ReflectiveOperationException {
        Class<?>[] types = factory.getParameterTypes();
        Object[] values = Arrays.stream(types)
                .map(t -> t == double.class ? (Object) 1.0 : t == int.class ? (Object) 1 : Schedules.constant())
                .toArray();
        assertThat(Objects.requireNonNull(factory.invoke(null, values))).isNotNull();
        for (int i = 0; i < types.length; i++) {
            if (types[i] == int.class) {
                Object[] bad = values.clone();
                bad[i] = 0;
                refuses(factory, () -> factory.invoke(null, bad));
            }
        }
    }

    private static void refuses(Executable made, ThrowingCallable make) {
        assertThatThrownBy(make).as("%s", made).rootCause().isExactlyInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void boundsBelongToTheirRanges() {
        accepts(() -> Numbers.requireFinite("", "", -Double.MAX_VALUE));
        refuses(() -> Numbers.requireFinite("", "", Double.NEGATIVE_INFINITY));
        accepts(() -> Numbers.requireNotNegative("", "", 0));
        refuses(() -> Numbers.requireNotNegative("", "", -Double.MIN_VALUE));
        refuses(() -> Numbers.requireNotNegative("", "", Double.POSITIVE_INFINITY));
        accepts(() -> Numbers.requirePositive("", "", Double.MIN_VALUE));
        refuses(() -> Numbers.requirePositive("", "", 0));
        refuses(() -> Numbers.requirePositive("", "", Double.POSITIVE_INFINITY));
        accepts(() -> Numbers.requireFraction("", "", 0));
        accepts(() -> Numbers.requireFraction("", "", Math.nextDown(1.0)));
        refuses(() -> Numbers.requireFraction("", "", 1));
        refuses(() -> Numbers.requireFraction("", "", -Double.MIN_VALUE));
        accepts(() -> Numbers.requireProbability("", "", 0));
        accepts(() -> Numbers.requireProbability("", "", 1));
        refuses(() -> Numbers.requireProbability("", "", Math.nextUp(1.0)));
        refuses(() -> Numbers.requireProbability("", "", -Double.MIN_VALUE));
        accepts(() -> Numbers.requireAtLeast("", "", 2, 2));
        refuses(() -> Numbers.requireAtLeast("", "", 2, 1));
    }

    static Stream<Record> recordsWithLists() {
        return records().filter(options -> Arrays.stream(options.getClass().getRecordComponents())
                .anyMatch(component -> component.getType() == List.class));
    }

    @ParameterizedTest
    @MethodSource("recordsWithLists")
    void nothingInAListIsNull(Record options) throws ReflectiveOperationException {
        RecordComponent[] components = options.getClass().getRecordComponents();
        for (int i = 0; i < components.length; i++) {
            if (components[i].getType() == List.class) {
                Object[] changed = values(options);
                changed[i] = Arrays.asList((Object) null);
                assertThatThrownBy(() -> constructor(options).newInstance(changed))
                        .as(components[i].getName())
                        .cause()
                        .isExactlyInstanceOf(IllegalArgumentException.class)
                        .hasMessageContaining(" must not be null");
            }
        }
    }

    private static void accepts(ThrowingCallable check) {
        assertThatCode(check).doesNotThrowAnyException();
    }

    private static void refuses(ThrowingCallable check) {
        assertThatThrownBy(check).isInstanceOf(IllegalArgumentException.class);
    }
}
