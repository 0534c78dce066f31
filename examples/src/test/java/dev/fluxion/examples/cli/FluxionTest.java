package dev.fluxion.examples.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.fluxion.examples.Captured;
import dev.fluxion.reports.RunRecorder;
import java.awt.image.BufferedImage;
import java.io.BufferedReader;
import java.io.IOException;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import javax.imageio.ImageIO;
import javax.tools.ToolProvider;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

/** The command from end to end, in small, and what it says when something is wrong. */
class FluxionTest {
    @TempDir
    private static Path folder;

    /** Two runs of built-in nets, one of a class, and files to predict. */
    @BeforeAll
    static void train() throws IOException {
        String to = " --threads 1 --runs " + folder.resolve("runs");
        assertThat(fluxion("train linear --samples 400 --epochs 3 --batch 20 --lr 0.01" + to)
                        .err())
                .isEmpty();
        assertThat(fluxion("train mlp --data-set digits --samples 100 --epochs 2 --seed 7 --name hidden" + to)
                        .err())
                .isEmpty();
        assertThat(fluxion("train " + Slope.class.getName() + " --epochs 3" + to)
                        .err())
                .isEmpty();
        BufferedImage image = new BufferedImage(40, 30, BufferedImage.TYPE_INT_RGB);
        ImageIO.write(image, "png", folder.resolve("dark.png").toFile());
        Files.writeString(folder.resolve("broken.png"), "no image");
        Files.writeString(folder.resolve("two.csv"), "a,b\n1,2\n0.5,-1\n");
        Files.writeString(folder.resolve("words.csv"), "a,b\n1,x\n");
        Files.writeString(folder.resolve("names.csv"), "a,b\n");
        Files.writeString(folder.resolve("holes.csv"), "a,b\n1,\n");
        Files.createDirectories(folder.resolve("none"));
        Files.createDirectories(folder.resolve("classes/one"));
        for (String photo : List.of("a/1", "a/2", "b/1", "b/2")) {
            Path file = folder.resolve("photos/" + photo + ".png");
            Files.createDirectories(file.getParent());
            ImageIO.write(image, "png", file.toFile());
        }
        Files.createDirectories(folder.resolve("odd/begun"));
        Files.writeString(folder.resolve("odd/begun/run.csv"), "name,text\nstatus,\u001b[31mred\n");
        Files.createDirectories(folder.resolve("odd/some"));
        Files.writeString(folder.resolve("odd/some/run.csv"), "name,text\nstatus,ended\n");
        Files.writeString(
                folder.resolve("odd/some/epochs.csv"),
                "epoch,step,learning_rate,loss,seconds\n1,2,0.1,3,\n1,4,0.1,2.5,9\n");
    }

    private static Captured fluxion(String line) {
        String[] arguments = Arrays.stream(line.split(" "))
                .filter(word -> !word.isEmpty())
                .map(word -> word.replace("@", folder + "/").replace('_', ' '))
                .toArray(String[]::new);
        return Captured.of(() -> Fluxion.run(arguments));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "train mlp --data-set digits --samples 100 --epochs 3 --seed 7 --threads 1 --resume @runs/hidden | (?s).*\\nepoch 3/3.*wall time.*",
                "train linear --samples 30 --epochs 2 --threads 1 --overfit 1 | (?s).*2 epochs, 2 steps, ended: all epochs.",
                "train linear --samples 90 --threads 1 --fast-dev-run 1 | (?s).*1 epochs, 1 steps, ended: all epochs.",
                "eval @runs/linear-1                   | (?s)digits drawn by program: 4,000 samples.accuracy 0\\.[5-9].*macro average.*",
                "eval @runs/Slope-1                    | (?s)points of a slope: 4 samples.mae [0-9.]+.",
                "predict @runs/linear-1 --index 0,2-3  | (?s)sample 0, a 9  [0-9] .*\\nsample 2, a .*\\nsample 3, a [^\\n]*.",
                "predict @runs/linear-1 @dark.png --top 1 | .*/dark.png  [0-9] \\([0-9.]+ %\\)",
                "predict @runs/linear-1/model.fluxion @dark.png --invert | .*/dark.png  [0-9] .*, .*, .*.",
                "predict @runs/Slope-1 @two.csv        | (?s).*/two.csv, row 1  -?[0-9.e-]+.*/two.csv, row 2  -?[0-9.e-]+.",
                "summary @runs/hidden                  | (?s).*235,146 parameters.*classes  0, 1, 2.*data set  digits.recipe  mlp.",
                "summary resnet --samples 10           | (?s).*residual.*globalAvgPool.*",
                "summary airbench --samples 10         | (?s).*whitening.*weightInit.*",
                "explain linear --samples 10 --batch 3 | (?s).*matmul.*",
                "explain @runs/Slope-1 --training --batch 30 --as mermaid | (?s)flowchart TB.*",
                "explain linear --samples 10 --batch 3 --profile 2 --threads 1 | (?s).*matmul.*",
                "explain linear --samples 10 --batch 3 --profile 2 --training | (?s).*matmul.*",
                "check @runs/Slope-1                   | (?s)derived gradients: .* passed .*native program: .* passed .*",
                "runs list --runs @runs                | (?s)linear-1 .* ended .*3 epochs, loss .*accuracy .*hidden .*Slope-1 .*mae .*",
                "runs list --runs @odd                 | (?s)begun +\\\\u001b\\[31mred 0 epochs\\nsome  .* ended    1 epochs, loss 2.500",
                "runs compare @runs/linear-1 @runs/hidden | (?s).*linear-1 .*hidden.*network.*data.*400 samples.*100 samples.*",
                "plot --runs @runs --out @loss.svg     | (?s)linear-1 .* .*█.*hidden .*Slope-1 .*picture .*loss.svg.",
                "plot @runs/Slope-1 --value mae --out @mae.svg | (?s)Slope-1 .*picture .*mae.svg."
            })
    void a_command_does_what_it_says(String line, String expected) {
        Captured run = fluxion(line);

        assertThat(run.err()).isEmpty();
        assertThat(run.out()).matches(expected.replace("|", "\\|") + (expected.endsWith("*") ? "" : "\\n?"));
        assertThat(run.code()).isZero();
    }

    @Test
    void a_run_that_is_stopped_tells_how_it_goes_on() throws Exception {
        Path runs = folder.resolve("stopped");
        Process child = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-cp",
                        System.getProperty("java.class.path"),
                        Fluxion.class.getName(),
                        "train",
                        "linear",
                        "--samples=400",
                        "--epochs=1000000",
                        "--threads=1",
                        "--name=long",
                        "--runs=" + runs)
                .redirectErrorStream(true)
                .start();
        try (BufferedReader out = child.inputReader(StandardCharsets.UTF_8)) {
            while (!out.readLine().startsWith("epoch 2/")) {
                // It still begins.
            }
            child.toHandle().destroy();

            assertThat(out.lines()).last().isEqualTo("stopped; --resume " + runs.resolve("long") + " goes on");
        } finally {
            child.destroyForcibly();
        }
    }

    @Test
    void samples_are_learned_from_as_they_are_if_asked() {
        String line = "train conv --samples 64 --threads 1 --fast-dev-run 1";
        String loss = "(?s).*mean loss ([0-9.]+).*";
        String augmented = fluxion(line).out().replaceAll(loss, "$1");

        assertThat(fluxion(line).out().replaceAll(loss, "$1")).isEqualTo(augmented);
        assertThat(fluxion(line + " --no-augment").out().replaceAll(loss, "$1"))
                .matches("[0-9.]+")
                .isNotEqualTo(augmented);
    }

    @Test
    void a_run_leaves_a_model_a_curve_and_a_report() {
        assertThat(folder.resolve("runs/linear-1"))
                .isDirectoryContaining("glob:**/model.fluxion")
                .isDirectoryContaining("glob:**/loss.svg")
                .isDirectoryContaining("glob:**/report.html");
        assertThat(fluxion("plot --runs @runs --out @all.svg").code()).isZero();
        assertThat(folder.resolve("all.svg")).content().contains("<svg", ">linear-1<", ">hidden<", ">Slope-1<");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "                              | 2 | expected a command: train, eval, predict, summary, explain, plot, runs, check, completion (--help lists the options)",
                "trian                         | 2 | Unmatched argument at index 0: 'trian'; did you mean train? (--help lists the options)",
                "runs                          | 2 | expected runs list or runs compare (--help lists the options)",
                "eval                          | 2 | Missing required parameter: 'MODEL' (--help lists the options)",
                "train linear --epochs many    | 2 | Invalid value for option '--epochs': 'many' is not an int (--help lists the options)",
                "train linear --data-set none  | 2 | Invalid value for option '--data-set': expected one of digits, mnist, fashion-mnist, cifar10, cifar100, images but was 'none' (--help lists the options)",
                "predict @runs/linear-1        | 2 | nothing to predict: name files, or samples with --index, or a --text (--help lists the options)",
                "train nets                    | 1 | no net and no class on the class path is called 'nets'; the nets are linear, mlp, conv, resnet, airbench",
                "train java.lang.String        | 1 | class java.lang.String must implement dev.fluxion.examples.cli.Recipe",
                "train dev.fluxion.examples.cli.FluxionTest$Hidden | 1 | class dev.fluxion.examples.cli.FluxionTest$Hidden must be public and have a public constructor without arguments",
                "train dev.fluxion.examples.cli.FluxionTest$Failing | 1 | class dev.fluxion.examples.cli.FluxionTest$Failing: its constructor failed: java.lang.IllegalStateException: no luck",
                "train dev.fluxion.examples.cli.FluxionTest$Unready | 1 | class dev.fluxion.examples.cli.FluxionTest$Unready cannot be loaded: java.lang.IllegalStateException: not yet",
                "train dev.fluxion.examples.cli.FluxionTest$Empty --samples 9 | 1 | class dev.fluxion.examples.cli.FluxionTest$Empty: model(…) made no model",
                "train linear --samples -1     | 1 | the number of digits must be at least 0, not -1",
                "train linear --samples 9 --batch 0 | 1 | a loader's batch must hold at least 1 sample, not 0",
                "train linear --data-set mnist | 1 | mnist needs its files: --data DIR, or --fetch to download them",
                "train linear --data-set cifar100 --data /nowhere | 1 | /nowhere: no such folder",
                "train linear --data-set images | 1 | images needs a folder with a folder for each class: --data DIR",
                "train linear --data-set images --data @classes | 1 | @classes/one: no file that ends with .png, .jpg, .jpeg",
                "train linear --samples 9 --runs @dark.png | 1 | @dark.png is no folder; choose another one with --runs",
                "train linear --name hidden --runs @runs | 1 | @runs/hidden is there already; choose another --name",
                "train linear --name a/b --runs @runs | 1 | --name must be the name of a folder but is 'a/b'",
                "train linear --name .. --runs @runs | 1 | --name must be the name of a folder but is '..'",
                "train linear --name= --runs @runs | 1 | --name must be the name of a folder but is ''",
                "train linear --name a --overfit 1 | 2 | --name=NAME, --overfit=N are mutually exclusive (specify only one) (--help lists the options)",
                "train linear --resume @none   | 1 | @none: there is no checkpoint to go on from; train it anew, without --resume",
                "train linear --resume @dark.png | 1 | @dark.png: there is no checkpoint to go on from; train it anew, without --resume",
                "train linear --samples 9 --overfit 0 | 1 | Trial: the number of batches must be at least 1 but is 0",
                "eval @none                    | 1 | @none: the folder has no model.fluxion; fluxion train makes such folders",
                "eval @nothing                 | 1 | @nothing: no such file, and no folder of a run",
                "eval @runs/Slope-1 --data-set mnist | 1 | mnist needs its files: --data DIR, or --fetch to download them",
                "predict @runs/linear-1 @no.png | 1 | @no.png: no such file",
                "predict @runs/linear-1 @broken.png | 1 | @broken.png: no image: it begins neither as PNG nor as JPEG",
                "predict @runs/linear-1 @two.txt | 1 | @two.txt: expected an image (.png, .jpg, .jpeg) or a table (.csv)",
                "predict @runs/linear-1 @two.csv | 1 | @two.csv: expected rows of 784 numbers, a sample 1×28×28 each, but they have 2 columns",
                "predict @runs/Slope-1 @words.csv | 1 | words.csv, line 2: column 'b' must be a finite number but is 'x'",
                "predict @runs/Slope-1 @names.csv | 1 | @names.csv: the table has no rows",
                "predict @runs/Slope-1 @holes.csv | 1 | @holes.csv: row 1: column 'b' must be a finite number but is missing",
                "predict @runs/Slope-1 @dark.png | 1 | @dark.png: the model takes no images but samples 2",
                "predict @runs/Slope-1 --text hello | 1 | the model reads no words but samples 2",
                "predict @runs/linear-1 --index 4000 | 1 | --index 4000: the samples to test with have the numbers 0 to 3999",
                "predict @runs/linear-1 --index 3-1 | 1 | --index 3-1: the samples to test with have the numbers 0 to 3999",
                "predict @runs/linear-1 --index x | 1 | --index takes numbers and ranges as 0,3-5 but not 'x'",
                "predict @runs/linear-1 @dark.png --top 0 | 1 | --top must be at least 1 but is 0",
                "summary @dark.png             | 1 | @dark.png: .*",
                "explain linear --samples 9 --batch 0 --training | 1 | the batch must hold at least 1 sample, not 0",
                "check linear --samples 9 --batch 10 | 1 | .*",
                "runs list --runs @none        | 1 | @none: there are no runs here; fluxion train makes them",
                "runs compare @none            | 1 | @none: this is no folder of a run; it has no file run.csv",
                "plot --runs @runs --value f1 --out @x.svg | 1 | no run has 'f1'; there are loss, accuracy, mae"
            })
    void a_mistake_is_one_line(String line, int code, String message) {
        Captured run = fluxion(line == null ? "" : line);

        String whole = message.replace("@", folder + "/");
        if (message.endsWith(".*")) {
            assertThat(run.err())
                    .startsWith("fluxion: " + whole.replace(".*", ""))
                    .hasLineCount(1);
        } else {
            assertThat(run.err()).isEqualTo("fluxion: " + whole + System.lineSeparator());
        }
        assertThat(run.code()).isEqualTo(code);
    }

    /** A script that bash accepts and that knows all commands and what may follow an option. */
    @Test
    void shells_complete() throws Exception {
        Path script = Files.writeString(
                folder.resolve("complete.sh"), fluxion("completion").out());

        Process bash = new ProcessBuilder("bash", "-n", script.toString())
                .redirectErrorStream(true)
                .start();
        assertThat(new String(bash.getInputStream().readAllBytes(), StandardCharsets.UTF_8))
                .isEmpty();
        assertThat(bash.waitFor()).isZero();
        assertThat(script).content().contains(commands().toList()).contains("fashion-mnist", "resnet");
    }

    static Stream<String> commands() {
        return Fluxion.command().getSubcommands().keySet().stream();
    }

    @ParameterizedTest
    @MethodSource("commands")
    void help_has_examples(String command) {
        Captured help = fluxion(command + " --help");

        assertThat(help.code()).isZero();
        assertThat(help.out())
                .startsWith("Usage: fluxion " + command)
                .containsPattern("Examples?:\\n +(fluxion|source)");
    }

    /** The class of the page beside this module, compiled as it stands there and found on the class path. */
    @Test
    void a_class_of_the_users_trains() throws IOException {
        String page = Files.readString(Path.of("README.md"));
        String program = page.substring(page.indexOf("```java program\n") + 16);
        Path source = Files.writeString(folder.resolve("MyNet.java"), program.substring(0, program.indexOf("```")));
        assertThat(ToolProvider.getSystemJavaCompiler().run(null, null, null, "-proc:none", source.toString()))
                .isZero();
        ClassLoader usual = Thread.currentThread().getContextClassLoader();
        try (URLClassLoader users = new URLClassLoader(new URL[] {folder.toUri().toURL()}, usual)) {
            Thread.currentThread().setContextClassLoader(users);

            Captured run = fluxion("train MyNet --samples 50 --epochs 1 --runs @runs");

            assertThat(run.err()).isEmpty();
            assertThat(run.out())
                    .contains(
                            "50,890 parameters",
                            folder.resolve("runs/MyNet-1/report.html").toString());
            assertThat(fluxion("eval @runs/MyNet-1 --samples 50").code()).isZero();
        } finally {
            Thread.currentThread().setContextClassLoader(usual);
        }
    }

    /** The images of a folder have the size that the model takes, which nobody has to say again. */
    @Test
    void a_model_of_a_folder_of_images_is_measured_with_it() {
        Captured run =
                fluxion("train linear --data-set images --data @photos --side 16 --epochs 1 --name photos --runs @own");

        assertThat(run.err()).isEmpty();
        assertThat(fluxion("eval @own/photos --data @photos").err()).isEmpty();
        assertThat(fluxion("eval @own/photos --data @photos --side 8").err()).contains("N×3×16×16");
    }

    @Test
    void a_folder_is_known_once_a_training_has_begun() {
        assertThatThrownBy(() -> RunRecorder.in(folder).folder())
                .hasMessage("folder: no training has begun that this recorder listens to");
    }

    @Test
    void a_stack_trace_is_shown_on_demand() {
        assertThat(fluxion("train linear --samples 9 --batch 0 --stacktrace").err())
                .contains("\tat dev.fluxion.data.DataLoader");
    }

    /** Not for others. */
    private static final class Hidden extends Empty {}

    /** Cannot be made. */
    public static final class Failing extends Empty {
        /** Fails. */
        public Failing() {
            throw new IllegalStateException("no luck");
        }
    }

    /** Cannot be loaded. */
    public static final class Unready extends Empty {
        /** Nobody gets it. */
        public static final String STATE = state();

        private static String state() {
            throw new IllegalStateException("not yet");
        }
    }

    /** Makes nothing. */
    public static class Empty implements Recipe {
        @Override
        @SuppressWarnings("NullAway")
        public dev.fluxion.dsl.train.Model model(TrainingData data) {
            return null;
        }
    }
}
