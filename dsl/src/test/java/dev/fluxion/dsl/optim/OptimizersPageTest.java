package dev.fluxion.dsl.optim;

import static org.assertj.core.api.Assertions.assertThat;

import dev.fluxion.Optimizer;
import dev.fluxion.Schedule;
import java.io.IOException;
import java.lang.reflect.Method;
import java.lang.reflect.Modifier;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** The page that lists PyTorch's optimizers and schedules beside ours. */
class OptimizersPageTest {
    private static final List<String> TORCH = List.of(
            "ASGD",
            "Adadelta",
            "Adafactor",
            "Adagrad",
            "Adam",
            "AdamW",
            "Adamax",
            "LBFGS",
            "Muon",
            "NAdam",
            "RAdam",
            "RMSprop",
            "Rprop",
            "SGD",
            "SparseAdam",
            "ChainedScheduler",
            "ConstantLR",
            "CosineAnnealingLR",
            "CosineAnnealingWarmRestarts",
            "CyclicLR",
            "ExponentialLR",
            "LambdaLR",
            "LinearLR",
            "MultiStepLR",
            "MultiplicativeLR",
            "OneCycleLR",
            "PolynomialLR",
            "ReduceLROnPlateau",
            "SequentialLR",
            "StepLR");

    private static String page() throws IOException {
        return Files.readString(Path.of("OPTIMIZERS.md"));
    }

    @Test
    void allOfPyTorchsNamesAreInRows() throws IOException {
        String rows = page().lines().filter(line -> line.startsWith("| `")).reduce("", String::concat);
        for (String name : TORCH) {
            assertThat(rows).contains("`" + name + "`");
        }
    }

    @Test
    void everyFactoryAndOptionIsInThePage() throws IOException {
        String page = page();
        for (Class<?> factories : List.of(Optimizers.class, Schedules.class)) {
            for (Method factory : publicMethods(factories).toList()) {
                assertThat(page).contains(factory.getName() + "(");
                Class<?> made = factory.getReturnType();
                publicMethods(made)
                        .filter(option -> option.getReturnType() == made && made != Schedule.class)
                        .filter(option -> !List.of("withoutDecay", "after").contains(option.getName()))
                        .forEach(option -> assertThat(page).contains(option.getName() + "("));
            }
        }
        publicMethods(Optimizer.class)
                .filter(option -> option.getReturnType() == Optimizer.class)
                .forEach(option -> assertThat(page).contains(option.getName()));
        publicMethods(Schedule.class)
                .filter(option -> option.getReturnType() == Schedule.class
                        && !option.getName().equals("after"))
                .forEach(option -> assertThat(page).contains(option.getName() + "("));
    }

    /** A call at the head of a row's second column is one that there is. */
    @Test
    void whatThePageCallsExists() throws IOException {
        List<String> names = Stream.of(Optimizers.class, Schedules.class, Optimizer.class, Schedule.class)
                .flatMap(OptimizersPageTest::publicMethods)
                .map(Method::getName)
                .toList();
        page().lines()
                .filter(line -> line.matches("\\| .* \\| `.*"))
                .map(line -> line.split("\\|")[2].strip().replaceFirst("`(first\\.)?(\\w+)\\(.*", "$2"))
                .forEach(call -> assertThat(names).contains(call));
    }

    private static Stream<Method> publicMethods(Class<?> type) {
        return Arrays.stream(type.getDeclaredMethods())
                .filter(m -> Modifier.isPublic(m.getModifiers()) && !m.isSynthetic());
    }
}
