package dev.fluxion.examples;

import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAPackage;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAnyPackage;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.base.DescribedPredicate;
import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.domain.JavaCodeUnit;
import com.tngtech.archunit.core.domain.JavaField;
import com.tngtech.archunit.core.domain.JavaModifier;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** What is inside stays inside: fields in their class, the rooms of the engine in the engine. */
class EncapsulationTest {
    /** So many other classes may read the fields of one. */
    private static final int MOST = 3;
    /** So many lines a file has at most. */
    private static final int LINES = 400;

    private static final DescribedPredicate<JavaClass> ENGINE = resideInAPackage("dev.fluxion.engine..");
    /** What others may use of the engine. */
    private static final DescribedPredicate<JavaClass> OPEN =
            resideInAnyPackage("dev.fluxion.engine", "dev.fluxion.engine.check");

    private static final DescribedPredicate<JavaClass> ROOMS = ENGINE.and(DescribedPredicate.not(OPEN));

    private static final JavaClasses MAIN = new ClassFileImporter()
            .withImportOption(ImportOption.Predefined.DO_NOT_INCLUDE_TESTS)
            .importPackages("dev.fluxion");

    @Test
    void few_classes_read_the_fields_of_another() {
        assertThat(MAIN).filteredOn(c -> readers(c).size() > MOST).isEmpty();
    }

    /** Of what may be longer users import one class, with a line for each of its methods. */
    @Test
    void files_are_short() throws IOException {
        try (Stream<Path> files = Files.walk(Path.of(".."))) {
            assertThat(files.filter(file -> file.toString().contains("/src/main/java/"))
                            .filter(file -> file.toString().endsWith(".java") && lines(file) > LINES)
                            .map(file -> file.getFileName().toString()))
                    .isSubsetOf("Expr.java", "Layers.java", "Model.java");
        }
    }

    private static long lines(Path file) {
        try (Stream<String> lines = Files.lines(file)) {
            return lines.count();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Test
    void readers_of_fields_are_seen() {
        JavaClasses classes = new ClassFileImporter().importClasses(Shown.class, Hidden.class, Reader.class);
        assertThat(readers(classes.get(Shown.class))).containsExactly(Reader.class.getName());
        assertThat(readers(classes.get(Hidden.class))).isEmpty();
    }

    /** The classes, others than the one that it lies in, that read a class's fields or write them. Constants are for everybody. */
    private static Set<String> readers(JavaClass c) {
        return c.getFields().stream()
                .filter(field -> !field.getModifiers().contains(JavaModifier.STATIC))
                .map(JavaField::getAccessesToSelf)
                .flatMap(Set::stream)
                .map(access -> access.getOriginOwner())
                .filter(reader -> !outermost(reader).equals(outermost(c)))
                .map(JavaClass::getName)
                .collect(Collectors.toCollection(TreeSet::new));
    }

    private static JavaClass outermost(JavaClass c) {
        return c.getEnclosingClass()
                .filter(outer -> !outer.isEquivalentTo(EncapsulationTest.class))
                .map(EncapsulationTest::outermost)
                .orElse(c);
    }

    @Test
    void the_rooms_of_the_engine_are_for_the_engine() {
        classes().that(ROOMS).should().onlyHaveDependentClassesThat(ENGINE).check(MAIN);
    }

    /** A user who has a class of the engine meets no class of its rooms. */
    @Test
    void what_is_open_speaks_of_nothing_else() {
        assertThat(MAIN.stream()
                        .filter(OPEN.and(DescribedPredicate.describe("public", EncapsulationTest::isPublic)))
                        .flatMap(c -> c.getCodeUnits().stream())
                        .filter(unit -> unit.getModifiers().contains(JavaModifier.PUBLIC)))
                .isNotEmpty()
                .filteredOn(unit -> types(unit).anyMatch(ROOMS))
                .isEmpty();
    }

    private static boolean isPublic(JavaClass c) {
        return c.getModifiers().contains(JavaModifier.PUBLIC)
                && c.getEnclosingClass().map(EncapsulationTest::isPublic).orElse(true);
    }

    private static Stream<JavaClass> types(JavaCodeUnit unit) {
        return Stream.concat(
                Stream.of(unit.getRawReturnType()),
                Stream.concat(unit.getRawParameterTypes().stream(), unit.getExceptionTypes().stream()));
    }

    private static final class Shown {
        int number;
    }

    private static final class Hidden {
        private int number;

        int number() {
            return number;
        }
    }

    private static final class Reader {
        int sum(Shown shown, Hidden hidden) {
            return shown.number + hidden.number();
        }
    }
}
