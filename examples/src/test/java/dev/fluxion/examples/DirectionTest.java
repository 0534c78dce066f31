package dev.fluxion.examples;

import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAnyPackage;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;
import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.domain.JavaModifier;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.lang.ArchRule;
import com.tngtech.archunit.lang.EvaluationResult;
import com.tngtech.archunit.library.dependencies.SliceAssignment;
import com.tngtech.archunit.library.dependencies.SliceIdentifier;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Who may know whom: native and api stand apart, engine on both, dsl on engine and api, what is beside it on dsl; clients know nobody. */
class DirectionTest {
    private static final String[] FFI = {"dev.fluxion.ffi.."};
    private static final String[] API = {"dev.fluxion", "dev.fluxion.ir..", "dev.fluxion.data..", "dev.fluxion.check.."
    };
    private static final String[] ENGINE = {"dev.fluxion.engine..", "dev.fluxion.io.."};
    private static final String[] DSL = {"dev.fluxion.dsl.."};
    private static final String[] TESTING = {"dev.fluxion.testing.."};
    private static final String[] SERVING = {"dev.fluxion.serving", "dev.fluxion.serving.protocol"};
    private static final String[] METERS = {"dev.fluxion.serving.micrometer"};
    private static final String[] SPRING = {"dev.fluxion.serving.spring"};
    private static final String[] HTTP = {"dev.fluxion.serving.http.."};
    private static final String[] GRPC = {"dev.fluxion.serving.grpc.."};
    private static final String[] CLIENT = {"dev.fluxion.client.."};
    private static final String[] FILES = {"dev.fluxion.files.."};
    private static final String[] REPORTS = {"dev.fluxion.reports.."};
    private static final String[] EXAMPLES = {"dev.fluxion.examples.."};
    /** What every package may use besides Fluxion: the JDK, and the two small libraries all modules have. */
    private static final String[] COMMON = {"java..", "javax..", "jdk..", "org.slf4j..", "org.jspecify.."};

    private static final String[] BINDINGS = {"org.bytedeco.."};
    private static final String[] NETTY = {"io.netty..", "tools.jackson.core.."};
    private static final String[] GRPC_JAVA = {"io.grpc..", "io.netty.."};
    private static final String[] JQWIK = {"net.jqwik.."};
    private static final String[] MICROMETER = {"io.micrometer.core.."};
    private static final String[] SPRING_BOOT = {"org.springframework.."};

    private static final String INTERNAL = "dev.fluxion.dsl.internal";

    private static final JavaClasses MAIN = new ClassFileImporter()
            .withImportOption(ImportOption.Predefined.DO_NOT_INCLUDE_TESTS)
            .importPackages("dev.fluxion");

    static Stream<ArchRule> rules() {
        return Stream.of(
                only(FFI, BINDINGS),
                only(API),
                only(ENGINE, FFI, API),
                only(DSL, ENGINE, API),
                only(TESTING, DSL, ENGINE, API, JQWIK),
                only(SERVING, DSL, ENGINE, API),
                only(METERS, SERVING, DSL, API, MICROMETER),
                only(SPRING, METERS, SERVING, DSL, API, MICROMETER, SPRING_BOOT),
                only(HTTP, SERVING, DSL, API, NETTY),
                only(GRPC, SERVING, DSL, API, GRPC_JAVA),
                only(CLIENT),
                only(FILES, DSL, ENGINE, API),
                only(REPORTS, DSL, ENGINE, API),
                // Examples may use any library they like, but of Fluxion only what a user would; testing is for tests.
                noClasses()
                        .that(resideInAnyPackage(EXAMPLES))
                        .should()
                        .dependOnClassesThat(resideInAnyPackage(concat(FFI, BINDINGS, TESTING))),
                // Nothing in main code lives outside the packages named above.
                classes()
                        .should()
                        .resideInAnyPackage(concat(
                                FFI, API, ENGINE, DSL, TESTING, SERVING, METERS, SPRING, HTTP, GRPC, CLIENT, FILES,
                                REPORTS, EXAMPLES)),
                // What the rooms of the dsl share, and reports draw with, is not for users.
                classes()
                        .that()
                        .resideInAPackage(INTERNAL)
                        .should()
                        .onlyHaveDependentClassesThat(resideInAnyPackage(concat(DSL, REPORTS))),
                slices().assignedFrom(new Packages()).should().beFreeOfCycles());
    }

    /** Each package by itself; only the contracts and the language, which speaks of tensors, are one. */
    private static final class Packages implements SliceAssignment {
        @Override
        public SliceIdentifier getIdentifierOf(JavaClass c) {
            String name = c.getPackageName();
            return SliceIdentifier.of(name.equals("dev.fluxion.ir") ? "dev.fluxion" : name);
        }

        @Override
        public String getDescription() {
            return "packages";
        }
    }

    @ParameterizedTest
    @MethodSource("rules")
    void the_direction_holds(ArchRule rule) {
        rule.check(MAIN);
    }

    /** What the native boundary offers, the engine uses: every operation and every function. */
    @Test
    void nothing_native_is_there_for_nobody() {
        JavaClass operation = MAIN.get("dev.fluxion.ffi.Operation");
        assertThat(operation.getAllSubclasses()).isNotEmpty().allMatch(DirectionTest::isUsedByTheEngine);
        assertThat(MAIN.stream()
                        .filter(c -> c.isEnum()
                                && resideInAnyPackage(FFI).test(c)
                                && c.getModifiers().contains(JavaModifier.PUBLIC)))
                .flatMap(JavaClass::getFields)
                .filteredOn(constant -> constant.getRawType().equals(constant.getOwner()))
                .filteredOn(constant -> constant.getAccessesToSelf().stream()
                        .noneMatch(access -> !access.getOriginOwner().equals(constant.getOwner())))
                .isEmpty();
    }

    private static boolean isUsedByTheEngine(JavaClass c) {
        return c.getDirectDependenciesToSelf().stream()
                .anyMatch(d -> d.getOriginClass().getPackageName().startsWith("dev.fluxion.engine"));
    }

    @Test
    void a_violation_is_seen() {
        JavaClasses withThisTest = new ClassFileImporter().importClasses(DirectionTest.class);

        EvaluationResult result = only(EXAMPLES).evaluate(withThisTest);

        assertThat(result.getFailureReport().getDetails()).anyMatch(line -> line.contains("com.tngtech.archunit"));
    }

    private static ArchRule only(String[] from, String[]... to) {
        return classes()
                .that(resideInAnyPackage(from))
                .should()
                .onlyDependOnClassesThat(resideInAnyPackage(concat(from, COMMON, concat(to))));
    }

    private static String[] concat(String[]... groups) {
        return Stream.of(groups).flatMap(Stream::of).toArray(String[]::new);
    }
}
