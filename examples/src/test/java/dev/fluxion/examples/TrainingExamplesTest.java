package dev.fluxion.examples;

import static org.assertj.core.api.Assertions.assertThat;

import dev.fluxion.dsl.train.Model;
import dev.fluxion.io.PyTorchFile;
import dev.fluxion.io.SafeTensors;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import javax.imageio.ImageIO;
import javax.xml.parsers.DocumentBuilderFactory;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The image examples from end to end, in small, and what they say when something is wrong. */
class TrainingExamplesTest {
    private static final int CIFAR_RECORD = 3073;

    @TempDir
    private Path folder;

    @Test
    void mnist_learns_and_leaves_weights_and_a_picture() throws Exception {
        Path out = folder.resolve("deep/out");

        Captured run = mnist("--threads=1", "--images=1600", "--batch=16", "--lr=0.02", "--epochs=1", "--out=" + out);

        assertThat(run.err()).isEmpty();
        assertThat(run.code()).isZero();
        assertThat(run.out())
                .startsWith("digits drawn by program: 1,600 images 1×28×28 to learn from, 320 to test with")
                .contains("2  conv(32, 64, 3)   1×64×11×11      18,496", "121,930 parameters")
                .contains("sgd(0.02).momentum(0.9), batches of 16, 1 threads")
                .contains("\nepoch 1/1: lr 0.02, mean loss ")
                .contains("wall time", "taken for");
        assertThat(accuracy(run)).isGreaterThan(0.5);
        assertThat(SafeTensors.read(out.resolve("weights.safetensors")))
                .containsOnlyKeys(
                        "0.weight", "0.bias", "2.weight", "2.bias", "5.weight", "5.bias", "7.weight", "7.bias");
        try (Model model = Model.open(out.resolve("model.fluxion"))) {
            assertThat(model.card().classNames()).hasSize(10);
        }
        var svg = DocumentBuilderFactory.newInstance()
                .newDocumentBuilder()
                .parse(out.resolve("loss.svg").toFile());
        assertThat(svg.getDocumentElement().getTagName()).isEqualTo("svg");
        assertThat(svg.getElementsByTagName("polyline").getLength()).isEqualTo(2);
    }

    @Test
    void segment_leaves_weights_and_a_picture_of_what_it_finds() throws IOException {
        Captured run = Captured.of(() ->
                Segment.run("--threads=1", "--images=24", "--batch=4", "--width=2", "--epochs=2", "--out=" + folder));

        assertThat(run.err()).isEmpty();
        assertThat(run.code()).isZero();
        assertThat(run.out())
                .contains("beside(\"fine\")", "epoch 2/2: ", "macroIou ", "wall time ")
                .contains("picture    " + folder.resolve("segments.png"));
        BufferedImage picture = ImageIO.read(folder.resolve("segments.png").toFile());
        assertThat(picture.getWidth()).isEqualTo(6 * (3 * 64 + 4) - 4);
        assertThat(picture.getHeight()).isEqualTo(3 * (3 * 64 + 4) - 4);
        assertThat(SafeTensors.read(folder.resolve("weights.safetensors"))).containsKey("10.weight");
        Captured none = Captured.of(() -> Segment.run("--images=0"));
        assertThat(none.code()).isEqualTo(1);
        assertThat(none.err()).contains("segment: images must be at least 1 but is 0");
    }

    private static Captured textClassifier(String... options) {
        return Captured.of(() -> TextClassifier.run(
                Stream.concat(Stream.of("--threads=1"), Stream.of(options)).toArray(String[]::new)));
    }

    private Path texts(String... files) throws IOException {
        for (String file : files) {
            Path text = folder.resolve("texts").resolve(file.substring(0, file.indexOf(':')));
            Files.createDirectories(text.getParent());
            Files.write(text, file.substring(file.indexOf(':') + 1).getBytes(StandardCharsets.ISO_8859_1));
        }
        return folder.resolve("texts");
    }

    @Test
    void the_text_classifier_shows_which_words_decided() throws IOException {
        Captured run = textClassifier(
                "--epochs=4", "--width=16", "--lr=0.01", "--text=The soup is not bad", "--text=Ei!", "--out=" + folder);

        assertThat(run.err()).isEmpty();
        assertThat(run.code()).isZero();
        assertThat(run.out())
                .startsWith("4000 texts of [complaint, praise, question]: 3,199 to learn from")
                .containsPattern("\n {2}soup +never seen\n {2}is +[-+][0-9]")
                .contains("  ei                     never seen", "this is a mere guess")
                .containsPattern("complaint: [a-z, ]*never")
                .containsPattern("praise: [a-z, ]*gladly");
        assertThat(accuracy(run)).isGreaterThan(0.8);
        assertThat(folder.resolve("words.html")).content().contains("<span class=\"unseen\">soup</span>");
        try (Model model = Model.open(folder.resolve("model.fluxion"))) {
            assertThat(model.card().classNames()).hasSize(3);
            assertThat(model.card().vocabulary("ids").tokens()).contains("gladly");
        }
    }

    /** Words, the class and the text of a user are not markup. */
    @Test
    void the_text_classifier_reads_folders() throws IOException {
        Path texts =
                texts("<b>/1.txt:fine", "<b>/2.txt:fine day", "bad/1.txt:dull", "bad/2.txt:dull day", "bad/3.txt:");

        Captured run =
                textClassifier("--texts=" + texts, "--net=attention", "--epochs=1", "--width=4", "--out=" + folder);

        assertThat(run.err()).isEmpty();
        assertThat(run.out()).startsWith("5 texts of [<b>, bad]: ");
        assertThat(folder.resolve("words.html")).content().contains("&lt;b&gt;").doesNotContain("<b><b>");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "a/1.txt:one               | expected folders of two classes or more but found only 'a'",
                "a/1.txt:one;b/1.txt:\u00ff | not in UTF-8",
                "a/1.txt:one;b/1.txt:t\u0000o | not a text: it has a character 0",
                "a/1.txt:one;b/1.png:two   | no file that ends with .txt",
                "1.txt:one                 | expected a folder for each class within",
                "a/1.txt:.;a/2.txt:.;b/1.txt:!;b/2.txt:? | there is no word in the texts to learn from",
                "a/1.txt:one;b/1.txt:two   | each class has a single sample, so that there is none to test with"
            })
    void texts_that_cannot_be_learned_from_are_one_line(String files, String end) throws IOException {
        Captured run = textClassifier("--texts=" + texts(files.split(";")), "--out=" + folder);

        assertThat(run.code()).isEqualTo(1);
        assertThat(run.err())
                .startsWith("textclassifier: ")
                .endsWith(end + System.lineSeparator())
                .hasLineCount(1);
    }

    @Test
    void files_are_learned_from_and_leave_reports() throws IOException {
        Path photos = folder.resolve("photos");
        for (int i = 0; i < 8; i++) {
            Path file = photos.resolve(i % 2 == 0 ? "a" : "b").resolve(i + ".png");
            Files.createDirectories(file.getParent());
            ImageIO.write(new BufferedImage(20 + i, 30, BufferedImage.TYPE_INT_RGB), "png", file.toFile());
        }
        Path texts = texts("a/1.txt:fine day", "a/2.txt:fine", "a/3.txt:fine", "b/1.txt:dull", "b/2.txt:dull");
        Path runs = folder.resolve("runs");

        assertThat(Captured.of(() -> Console.run("passengers [CSV]", runs, Passengers::run))
                        .out())
                .containsPattern("epoch 20/20: .*accuracy 0\\.[89]")
                .endsWith("report  " + runs.resolve("passengers-1/report.html") + System.lineSeparator());
        assertThat(Captured.of(() -> Console.run("photos [FOLDER]", runs, Photos::run, photos.toString()))
                        .code())
                .isZero();
        assertThat(Captured.of(() -> Console.run("reviews [FOLDER]", runs, Reviews::run, texts.toString()))
                        .code())
                .isZero();
        assertThat(runs.resolve("photos-1/report.html")).content().contains("<svg");
        assertThat(runs.resolve("reviews-1/model.fluxion")).exists();
        assertThat(MadeFiles.reviews()).isDirectoryContaining("glob:**/praise");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "passengers [CSV] | a b       | 2 | passengers: expected passengers [CSV] but got a b",
                "passengers [CSV] | --epochs  | 2 | passengers: expected passengers [CSV] but got --epochs",
                "passengers [CSV] | /nowhere  | 1 | passengers: /nowhere: no such file",
                "passengers [CSV] | --help    | 0 | "
            })
    void a_program_of_one_file_is_called_with_it(String usage, String arguments, int code, String line) {
        Captured run = Captured.of(() -> Console.run(usage, folder, Passengers::run, arguments.split(" ")));

        assertThat(run.code()).isEqualTo(code);
        assertThat(run.err()).isEqualTo(line == null ? "" : line + System.lineSeparator());
    }

    @Test
    void the_tutorial_leaves_weights_for_pytorch() throws IOException {
        Captured run = Captured.of(() -> Tutorial.run(
                "--threads=1", "--images=400", "--batch=4", "--epochs=3", "--lr=0.001", "--out=" + folder));

        assertThat(run.code()).isZero();
        assertThat(run.out())
                .contains("epoch 1/3, iteration 100/100, lr 0, loss ")
                .contains(
                        "epoch 3/3, iteration 100/100, lr 0.001, loss ", "epoch 3/3: lr 0.001, mean loss ", "accuracy ")
                .contains("wall time ", "weights   " + folder.resolve("weights.pth"));
        assertThat(PyTorchFile.read(folder.resolve("weights.pth"))).hasSize(8).containsKey("7.bias");
    }

    @Test
    void cifar_reads_binary_files() throws IOException {
        for (String file : new String[] {
            "data_batch_1", "data_batch_2", "data_batch_3", "data_batch_4", "data_batch_5", "test_batch"
        }) {
            byte[] records = new byte[10 * CIFAR_RECORD];
            for (int i = 0; i < 10; i++) {
                records[i * CIFAR_RECORD] = (byte) i;
            }
            Path binary = folder.resolve("cifar10/cifar-10-batches-bin/" + file + ".bin");
            Files.createDirectories(binary.getParent());
            Files.write(binary, records);
        }

        Captured run = Captured.of(() -> Cifar10.run(
                "--data=" + folder, "--threads=1", "--epochs=5", "--batch=50", "--out=" + folder.resolve("out")));

        assertThat(run.err()).isEmpty();
        assertThat(run.code()).isZero();
        assertThat(run.out())
                .contains("50 images 3×32×32 to learn from, 10 to test with", "145,578 parameters")
                .contains("epoch 4/5: lr 0.001,", "epoch 5/5: lr 0.0001,")
                .contains("airplane   taken for ");
    }

    private Captured codeWriter(String... options) {
        return Captured.of(() -> CodeWriter.run(
                Stream.concat(Stream.of("--threads=1"), Stream.of(options)).toArray(String[]::new)));
    }

    /** Longer than what the model looks back at once. */
    @Test
    void the_code_writer_learns_and_writes() throws IOException {
        Files.createDirectories(folder.resolve("target"));
        Files.writeString(folder.resolve("target/Made.java"), "§");
        Files.writeString(folder.resolve("A.java"), "public final class A {}\n".repeat(60));

        Captured run = codeWriter("--source=" + folder, "--steps=1", "--length=100", "--seed=5", "--top-k=3");

        assertThat(run.err()).isEmpty();
        assertThat(run.code()).isZero();
        assertThat(run.out())
                .startsWith("1 files in " + folder + ": 1,441 characters, 15 different ones")
                .contains("linear(96, 15)");
        String text = run.out().substring(run.out().lastIndexOf("\npublic final class "));
        assertThat(text).hasSize(1 + "public final class ".length() + 100 + 1);
    }

    @Test
    void there_must_be_something_to_learn() throws IOException {
        Files.writeString(folder.resolve("A.java"), "class A {}");
        assertThat(codeWriter("--source=" + folder).err())
                .isEqualTo("codewriter: " + folder
                        + ": expected at least 384 characters of Java source (*.java) but found 11"
                        + " in 1 files; --source=DIR names another folder"
                        + System.lineSeparator());
    }

    @Test
    void the_likeliest_are_chosen_by_temperature_and_number() {
        float[] logits = {1, 3, 2, 3.5f};
        assertThat(new Sampling(0, 9, 1).choose(logits)).isEqualTo(3);
        assertThat(new Sampling(5, 1, 1).choose(logits)).isEqualTo(3);
        Sampling two = new Sampling(1, 2, 1);
        int[] chosen = new int[4];
        for (int i = 0; i < 1000; i++) {
            chosen[two.choose(logits)]++;
        }
        assertThat(chosen[0] + chosen[2]).isZero();
        assertThat(chosen[3] / 1000.0).isBetween(0.56, 0.68); // 1/(1 + e^−½) = 0.622
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "--temperature=-1 | codewriter: the temperature must be finite and at least 0 but is -1.0",
                "--top-k=0        | codewriter: top-k must be at least 1 but is 0",
                "--length=-1      | codewriter: the length must be at least 0 but is -1",
                "--prompt=ß       | codewriter: the prompt has the character 'ß', which the source has not",
                "--prompt=        | codewriter: the prompt must have a character to begin with",
                "--seconds=0      | codewriter: trainer: the time must be positive but is PT0S",
                "--source=/no     | codewriter: /no: no such folder"
            })
    void a_mistake_of_the_code_writer_is_one_line(String option, String line) throws IOException {
        Files.writeString(folder.resolve("A.java"), "public final class A {}\n".repeat(60));
        Captured run = option.startsWith("--source") ? codeWriter(option) : codeWriter(option, "--source=" + folder);
        assertThat(run.err()).isEqualTo(line + System.lineSeparator());
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "--epochs=many      | 2 | mnist: Invalid value for option '--epochs': 'many' is not an int (--help lists the options)",
                "--epoch=3          | 2 | mnist: Unknown option: '--epoch=3'; did you mean --epochs? (--help lists the options)",
                "--epochs=0         | 1 | mnist: trainer: epochs must be at least 1 but is 0",
                "--batch=0          | 1 | mnist: a loader's batch must hold at least 1 sample, not 0",
                "--images=-1        | 1 | mnist: images must be at least 0 but is -1",
                "--threads=0        | 1 | mnist: threads must be from 1 to 1024 but is 0",
                "--lr=-1            | 1 | mnist: sgd: the learning rate must be finite and at least 0 but is -1",
                "--data=/nowhere    | 1 | mnist: /nowhere: no such folder",
                "--data=/proc/self  | 1 | mnist: /proc/self: the folder lacks train-images-idx3-ubyte, train-labels-idx1-ubyte, looked for with - or . before idx, plain or as .gz, in it, in raw and in MNIST/raw",
                "--out=/proc/no/way | 1 | mnist: /proc/no/way: the folder for results cannot be made"
            })
    void a_mistake_is_one_line(String option, int code, String line) {
        String few = option.startsWith("--images") ? "--seed=1" : "--images=10";
        Captured run = mnist(few, option);

        assertThat(run.err()).isEqualTo(line + System.lineSeparator());
        assertThat(run.code()).isEqualTo(code);
    }

    @Test
    void sizes_of_nets_are_told_by_their_options() {
        assertThat(Captured.of(() -> Segment.run("--width=0", "--out=" + folder))
                        .err())
                .isEqualTo("segment: width must be at least 1 but is 0" + System.lineSeparator());
        assertThat(Captured.of(() -> TextClassifier.run("--longest=0", "--out=" + folder))
                        .err())
                .isEqualTo("textclassifier: longest must be at least 1 but is 0" + System.lineSeparator());
    }

    @Test
    void a_broken_file_is_one_line() throws IOException {
        Files.write(folder.resolve("train-labels-idx1-ubyte"), new byte[] {0, 0, 8, 1, 0, 0, 0, 5, 1});
        Files.write(folder.resolve("train-images-idx3-ubyte"), new byte[100]);

        Captured run = mnist("--data=" + folder);

        assertThat(run.code()).isEqualTo(1);
        assertThat(run.err())
                .startsWith("mnist: " + folder.resolve("train-images-idx3-ubyte") + ": ")
                .hasLineCount(1);
    }

    @Test
    void a_training_that_explodes_is_one_line() {
        Captured run = mnist("--threads=1", "--images=300", "--lr=1e6", "--out=" + folder);

        assertThat(run.code()).isEqualTo(1);
        assertThat(run.err().lines().filter(line -> line.startsWith("mnist: ")))
                .singleElement()
                .asString()
                .startsWith("mnist: training stopped at step ");
    }

    @Test
    void cifar_tells_where_to_get_the_data() {
        Captured run = Captured.of(() -> Cifar10.run());

        assertThat(run.code()).isEqualTo(1);
        assertThat(run.err())
                .startsWith("cifar10: CIFAR-10 is not part of Fluxion.")
                .contains("cifar-10-binary.tar.gz", "--data DIR")
                .hasLineCount(1);
    }

    @Test
    void help_tells_the_defaults() {
        Captured run = mnist("--help");

        assertThat(run.code()).isZero();
        assertThat(run.out()).contains("--epochs=N", "how often to go through the samples (3)", "learning rate (0.01)");
    }

    @Test
    void a_stack_trace_is_shown_on_demand() {
        assertThat(mnist("--batch=0", "--stacktrace").err()).contains("\tat dev.fluxion.data.DataLoader");
    }

    private static Captured mnist(String... arguments) {
        return Captured.of(() -> Mnist.run(arguments));
    }

    /** That after the last epoch. */
    private static double accuracy(Captured run) {
        Matcher found = Pattern.compile("(?s).*accuracy ([0-9.]+),.*").matcher(run.out());
        assertThat(found.matches()).isTrue();
        return Double.parseDouble(found.group(1));
    }
}
