package dev.fluxion.dsl.loss;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;

import dev.fluxion.Initializer;
import dev.fluxion.Layer;
import dev.fluxion.Metric;
import dev.fluxion.MultiLoss;
import dev.fluxion.Optimizer;
import dev.fluxion.Schedule;
import dev.fluxion.dsl.optim.Schedules;
import java.io.IOException;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.lang.reflect.Modifier;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.concurrent.Callable;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * No option of a loss, a layer, an optimizer, a schedule or an initializer is NaN or infinite. The classes of the package
 * are looked through, so that this holds for new ones, too.
 */
class FiniteOptionsTest {
    private static final List<Class<?>> KINDS = List.of(
            Layer.class,
            MultiLoss.class,
            Optimizer.class,
            Schedule.class,
            Initializer.class,
            Distance.class,
            Metric.class);

    /** A way to make an option with a number in one of its places. */
    private record Use(String text, String option, double bad, Callable<Object> make) {
        private boolean isAllowed() {
            List<String> infinite = List.of("Pad value", "Pad.value(double)");
            List<String> above = List.of(
                    "TripletMargin.Norm p",
                    "TripletMargin.p(double)",
                    "PairwiseDistance p",
                    "PairwiseDistance.p(double)");
            return bad == Double.POSITIVE_INFINITY && above.contains(text)
                    || Double.isInfinite(bad) && infinite.contains(text);
        }

        @Override
        public String toString() {
            return text + " = " + bad;
        }
    }

    private static Stream<Class<?>> classes() throws IOException, URISyntaxException {
        Path root = Path.of(
                Losses.class.getProtectionDomain().getCodeSource().getLocation().toURI());
        List<Class<?>> found = new ArrayList<>();
        try (Stream<Path> files = Files.walk(root)) {
            for (Path file : files.filter(f -> f.toString().endsWith(".class")).toList()) {
                String name = root.relativize(file).toString().replace('/', '.');
                if (!name.contains("-info")) {
                    found.add(load(name.substring(0, name.length() - ".class".length())));
                }
            }
        }
        return found.stream().filter(c -> Modifier.isPublic(c.getModifiers()));
    }

    private static Class<?> load(String name) {
        try {
            return Class.forName(name, false, Losses.class.getClassLoader());
        } catch (ClassNotFoundException e) {
            throw new AssertionError(e);
        }
    }

    private static boolean holdsNumbers(Class<?> type) {
        return type == double.class || type == float.class || type == double[].class || type == float[].class;
    }

    private static Stream<Class<?>> recordsWithNumbers() throws IOException, URISyntaxException {
        return classes()
                .filter(c -> c.isRecord() && KINDS.stream().anyMatch(kind -> kind.isAssignableFrom(c)))
                .filter(c -> Arrays.stream(c.getRecordComponents())
                        .anyMatch(r -> holdsNumbers(r.getType())
                                || r.getGenericType().getTypeName().contains("java.lang.Double")));
    }

    @Test
    void everyRecordWithNumbersIsTried() throws IOException, URISyntaxException {
        List<Class<?>> tried =
                OptionsTest.records().<Class<?>>map(Object::getClass).distinct().toList();
        assertThat(recordsWithNumbers()).hasSizeGreaterThan(12).allSatisfy(type -> assertThat(tried)
                .as("a sample in OptionsTest.records()")
                .contains(type));
    }

    static List<Use> uses() throws IOException, URISyntaxException, ReflectiveOperationException {
        List<Use> uses = new ArrayList<>();
        for (double bad : new double[] {Double.NaN, Double.POSITIVE_INFINITY, Double.NEGATIVE_INFINITY}) {
            for (Record options : OptionsTest.records().toList()) {
                addComponents(uses, options, bad);
                for (Method method : options.getClass().getDeclaredMethods()) {
                    if (Modifier.isPublic(method.getModifiers()) && makesAnOption(method)) {
                        addArguments(uses, method, options, bad);
                    }
                }
            }
            for (Class<?> type : classes().toList()) {
                for (Method method : type.getDeclaredMethods()) {
                    boolean factory =
                            Modifier.isPublic(method.getModifiers()) && Modifier.isStatic(method.getModifiers());
                    if (factory && makesAnOption(method)) {
                        addArguments(uses, method, null, bad);
                    }
                }
            }
        }
        return uses;
    }

    private static boolean makesAnOption(Method method) {
        return KINDS.stream().anyMatch(kind -> kind.isAssignableFrom(method.getReturnType()));
    }

    private static void addComponents(List<Use> uses, Record options, double bad) throws ReflectiveOperationException {
        Object[] values = OptionsTest.values(options);
        for (int i = 0; i < values.length; i++) {
            var component = options.getClass().getRecordComponents()[i];
            boolean list = component.getGenericType().getTypeName().contains("java.lang.Double");
            if (list || holdsNumbers(component.getType())) {
                Object[] changed = values.clone();
                changed[i] = list ? List.of(1.0, bad) : (Object) bad;
                var constructor = OptionsTest.constructor(options);
                uses.add(new Use(
                        name(options.getClass()) + " " + component.getName(),
                        component.getName(),
                        bad,
                        () -> constructor.newInstance(changed)));
            }
        }
    }

    private static void addArguments(List<Use> uses, Method method, Record on, double bad) {
        Class<?>[] types = method.getParameterTypes();
        Object[] values = Arrays.stream(types).map(FiniteOptionsTest::usual).toArray();
        for (int i = 0; i < types.length; i++) {
            if (holdsNumbers(types[i])) {
                Object[] changed = values.clone();
                changed[i] = types[i].isArray() ? new double[] {1, bad} : (Object) bad;
                String text = name(method.getDeclaringClass()) + "." + method.getName()
                        + Arrays.stream(types).map(Class::getSimpleName).collect(Collectors.joining(", ", "(", ")"));
                uses.add(new Use(text, "", bad, () -> method.invoke(on, changed)));
            }
        }
    }

    private static String name(Class<?> type) {
        return type.getName().substring(type.getPackageName().length() + 1).replace('$', '.');
    }

    private static Object usual(Class<?> type) {
        if (type == int[].class) {
            return new int[] {1};
        }
        return type == double.class ? (Object) 0.5 : type == int.class ? (Object) 1 : Schedules.constant();
    }

    @ParameterizedTest
    @MethodSource("uses")
    void whatIsNotFiniteIsRefusedByName(Use use) {
        Throwable thrown = catchThrowable(use.make::call);
        if (use.isAllowed()) {
            assertThat(thrown).isNull();
            return;
        }
        assertThat(thrown).as("it was accepted").isInstanceOf(InvocationTargetException.class);
        Throwable refusal = Objects.requireNonNull(thrown.getCause());
        assertThat(refusal).isExactlyInstanceOf(IllegalArgumentException.class);
        assertThat(refusal.getMessage())
                .matches("(?s)\\w+(\\(.*\\))?( at \\S+:\\d+)?: .+ must be .+ but is " + use.bad);
        assertThat(letters(refusal.getMessage())).contains(letters(use.option).replaceAll("s$", ""));
    }

    private static String letters(String text) {
        return text.toLowerCase(Locale.ROOT).replace(" ", "");
    }

    @ParameterizedTest
    @ValueSource(doubles = {1, 2, 3.5, Double.POSITIVE_INFINITY})
    void theNormOfADistanceMayBeTheLargestDifference(double p) {
        assertThat(new TripletMargin.Norm(p, 0).p()).isEqualTo(p);
    }

    @Test
    void allThatTakesNumbersIsFound() throws IOException, URISyntaxException, ReflectiveOperationException {
        List<String> texts = uses().stream().map(Use::text).distinct().toList();
        assertThat(texts)
                .contains(
                        "Layers.leakyRelu(double)",
                        "Layers.dropout(double)",
                        "Losses.smoothL1(double)",
                        "Schedules.cosine(int, double)",
                        "Optimizers.adam(double)",
                        "Initializers.uniform(double, double)",
                        "Dice.tversky(double, double)",
                        "CrossEntropy.weights(double[])",
                        "CrossEntropy weights",
                        "TripletMargin.Norm eps");
        assertThat(texts).hasSizeGreaterThan(60);
    }
}
