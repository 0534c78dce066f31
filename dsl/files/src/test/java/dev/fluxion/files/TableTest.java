package dev.fluxion.files;

import static dev.fluxion.dsl.layer.Layers.linear;
import static dev.fluxion.dsl.loss.Losses.crossEntropy;
import static dev.fluxion.dsl.optim.Optimizers.sgd;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;
import static org.assertj.core.api.Assertions.within;

import dev.fluxion.Tensor;
import dev.fluxion.data.DataFileException;
import dev.fluxion.data.DataLoader;
import dev.fluxion.data.Dataset;
import dev.fluxion.dsl.layer.Scaler;
import dev.fluxion.dsl.layer.Seq;
import dev.fluxion.dsl.train.Model;
import dev.fluxion.dsl.train.ModelCard;
import dev.fluxion.dsl.train.Trainer;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Tables are read as they were written, features are what the training rows tell, and what is wrong is told with its line. */
class TableTest {
    private static final String SHIP = """
            name,age,port,fate
            "Smith, Mr. ""Jo""\",30,S,lost
            Anna,,C,saved
            "two
            lines",10,S,saved

            Bo,50,NA,lost
            """;

    @TempDir
    Path folder;

    private Table read(String text) throws IOException {
        return Table.read(file(text.getBytes(StandardCharsets.UTF_8)));
    }

    private Path file(byte[] bytes) throws IOException {
        return Files.write(folder.resolve("table.csv"), bytes);
    }

    private static String refused(ThrowingCallable call) {
        return catchThrowableOfType(IllegalArgumentException.class, call).getMessage();
    }

    @Test
    void cellsAreReadAsTheyWereWritten() throws IOException {
        Table table = read(SHIP);
        assertThat(table).hasToString("4 rows of [name, age, port, fate]");
        assertThat(table.column("name")).containsExactly("Smith, Mr. \"Jo\"", "Anna", "two\nlines", "Bo");
        assertThat(table.column("age")).containsExactly("30", null, "10", "50");
        assertThat(table.at(3, "port")).isNull();
        assertThat(table.select(2, 0).column("age")).containsExactly("10", "30");
        for (String same : List.of(
                SHIP.replace("\n", "\r\n").replace("two\r\n", "two\n"),
                "\ufeff" + SHIP,
                SHIP.stripTrailing(),
                SHIP.replace("Anna", "\"Anna\""))) {
            assertThat(read(same).column("name")).isEqualTo(table.column("name"));
        }
        assertThat(read("a\r1\r\r2").column("a")).containsExactly("1", "2");
        assertThat(read("a\n5\" disk").at(0, "a")).isEqualTo("5\" disk");
        assertThat(read("a,b\n").size()).isZero();
        assertThat(read(",a, \n0,1,2").columns()).containsExactly("column 1", "a", "column 3");
        Path tabs = file("a\tb\n1,5\t2".getBytes(StandardCharsets.UTF_8));
        assertThat(Table.read(tabs, '\t').at(0, "a")).isEqualTo("1,5");
    }

    @Test
    void whatIsQuotedComesBack() throws IOException {
        Random random = new Random(1);
        for (int draw = 0; draw < 200; draw++) {
            List<List<String>> rows = Stream.generate(
                            () -> Stream.generate(() -> word(random)).limit(3).toList())
                    .limit(random.nextInt(6))
                    .toList();
            StringBuilder text = new StringBuilder("x,y,z\n");
            rows.forEach(row -> text.append(row.stream()
                            .map(cell -> '"' + cell.replace("\"", "\"\"") + '"')
                            .collect(Collectors.joining(",")))
                    .append(random.nextBoolean() ? "\r\n" : "\n"));
            Table table = read(text.toString());
            assertThat(table.size()).isEqualTo(rows.size());
            for (int i = 0; i < rows.size(); i++) {
                assertThat(Arrays.asList(table.at(i, "x"), table.at(i, "y"), table.at(i, "z")))
                        .isEqualTo(rows.get(i));
            }
        }
    }

    private static String word(Random random) {
        int[] alphabet = "ab ,;\"\n\r'\u00e4\u20ac\uD83D\uDE00".codePoints().toArray();
        StringBuilder word = new StringBuilder("w");
        for (int i = random.nextInt(8); i > 0; i--) {
            word.appendCodePoint(alphabet[random.nextInt(alphabet.length)]);
        }
        return word.append('.').toString();
    }

    @Test
    void whatIsWrongInAFileIsToldWithItsLine() {
        Map<String, String> wrong = Map.of(
                "",
                "empty; expected a first line with the names of the columns",
                "a,a\n1,2",
                "each column needs a name of its own, but they are [a, a]",
                "column 2,\n1,2",
                "each column needs a name of its own, but they are [column 2, column 2]",
                "a,b\n1,2\n\n3\n",
                "line 4 has 1 fields where the first line has 2",
                "a,b\n\"1\n2\",3,4",
                "line 2 has 3 fields where the first line has 2",
                "a\n\"1\n2",
                "the quote on line 2 is never closed",
                "a\n\"1\"2",
                "line 2: after a closing quote there must be the end of the field, not '2'; a quote within quotes is"
                        + " written twice",
                "a\n\"" + "x".repeat(1 << 21),
                "the field on line 2 has more than 1048576 characters; is a quote not closed?");
        wrong.forEach((text, message) -> assertThatThrownBy(() -> read(text))
                .isInstanceOf(DataFileException.class)
                .hasMessage(folder.resolve("table.csv") + ": " + message));
        assertThatThrownBy(() -> Table.read(file(new byte[] {'a', '\n', (byte) 0xff, '\n'})))
                .isInstanceOf(DataFileException.class)
                .hasMessageContaining("not in UTF-8, about line ");
        assertThatThrownBy(() -> Table.read(folder.resolve("none.csv"))).hasMessageEndingWith("none.csv: no such file");
        assertThatThrownBy(() -> Table.read(folder)).hasMessageEndingWith(": expected a regular file");
        assertThat(refused(() -> Table.read(folder, '"'))).isEqualTo("read: fields cannot be divided by quotes");
    }

    /** Every file with some bytes changed or cut off is read, or refused as a data file. */
    @Test
    void noFileDoesAnythingElse() throws IOException {
        Random random = new Random(2);
        byte[] good = SHIP.getBytes(StandardCharsets.UTF_8);
        byte[] odd = {0, '"', ',', '\n', '\r', (byte) 0xff, (byte) 0xc3, 'x'};
        for (int draw = 0; draw < 1_000; draw++) {
            byte[] bad = Arrays.copyOf(good, random.nextInt(4) == 0 ? random.nextInt(good.length) : good.length);
            for (int i = random.nextInt(4); i > 0 && bad.length > 0; i--) {
                bad[random.nextInt(bad.length)] = odd[random.nextInt(odd.length)];
            }
            Path file = file(bad);
            try {
                assertThat(Table.read(file).columns()).doesNotHaveDuplicates();
            } catch (DataFileException e) {
                assertThat(e.getMessage()).contains("table.csv: ");
            }
        }
    }

    @Test
    void featuresAreWhatTheTrainingRowsTell() throws IOException {
        Table table = read(SHIP);
        Features features =
                Columns.of().numbers("age").categories("port").label("fate").fit(table);
        assertThat(features.names()).containsExactly("age", "age is missing", "port is missing", "port=C", "port=S");
        assertThat(features.classes()).containsExactly("lost", "saved");
        assertThat(features.inputs(table))
                .isEqualTo(
                        Tensor.of(new float[] {30, 0, 0, 0, 1, 30, 1, 0, 1, 0, 10, 0, 0, 0, 1, 50, 0, 1, 0, 0}, 4, 5));
        assertThat(features.dataset(table).labels()).containsExactly(0, 1, 1, 0);
        Scaler scaler = features.scaler();
        assertThat(scaler.mean()).isEqualTo(Tensor.vector(30, 0, 0, 0, 0));
        assertThat(scaler.deviation().floats()[0]).isCloseTo((float) Math.sqrt(800 / 3.0), within(1e-5f));
        Table other = Table.of(List.of("age", "port"), Stream.of(Arrays.asList(null, "Q"), Arrays.asList(7.5, "C")));
        assertThat(features.inputs(other)).isEqualTo(Tensor.of(new float[] {30, 1, 0, 0, 0, 7.5f, 0, 0, 1, 0}, 2, 5));
        Dataset prices =
                Columns.of().numbers("a").target("b").fit(read("a,b\n1,2\n3,4")).dataset(read("a,b\n5,6"));
        assertThat(prices.batch(0).targets()).isEqualTo(Tensor.of(new float[] {6}, 1, 1));
        assertThat(Columns.of().categories("a").fit(read("a\n10\n9\n-1\nx\n9")).names())
                .containsExactly("a=-1", "a=9", "a=10", "a=x");
    }

    /** Seconds since 1970 are 128 apart as floats: such a column would be a constant, and nobody would know. */
    @Test
    void numbersThatFloatsDoNotTellApartAreRefused() throws IOException {
        Columns time = Columns.of().numbers("time");
        assertThat(refused(() -> time.fit(read("time\n1700000000\n1700000050\n1700000090"))))
                .isEqualTo(
                        "column 'time' goes from 1700000000 to 1700000090, which numbers of 32 bits hardly tell apart;"
                                + " subtract 1700000000 from it, or make it a category");
        for (String fine :
                List.of("1700000000\n1700090000", "123456789\n123456789", "10000000\n10000001", "0.1\n0.2")) {
            assertThat(time.fit(read("time\n" + fine)).width()).isEqualTo(1);
        }
        assertThat(Columns.of()
                        .numbers("a")
                        .fit(read("a\n+1\n1e3\n.5\n-5."))
                        .scaler()
                        .mean()
                        .floats()[0])
                .isEqualTo(249.125f);
    }

    /** The file of a model is all that a program needs to make features of raw rows. */
    @Test
    void aModelHasItsFeatures() throws IOException {
        Table table = read(SHIP.replace("port", "\"po,\"\"rt\""));
        Features features =
                Columns.of().numbers("age").categories("po,\"rt").label("fate").fit(table);
        Path file = folder.resolve("model.fluxion");
        Tensor before;
        try (Model model = Model.of(Seq.of(features.scaler(), linear(2)), features.width())) {
            Trainer.of(crossEntropy(), sgd(0.1))
                    .fit(model, DataLoader.of(features.dataset(table)).batch(4));
            model.export(file, features.card());
            before = model.predict(features.inputs(table));
        }
        try (Model model = Model.open(file)) {
            Features own = Features.of(model.card());
            assertThat(own.names()).isEqualTo(features.names());
            assertThat(own.classes()).isEqualTo(model.card().classNames()).isEqualTo(features.classes());
            assertThat(own.scaler()).isEqualTo(features.scaler());
            assertThat(model.predict(own.inputs(table))).isEqualTo(before);
        }
        for (String bad : List.of("number,a", "number,a,x,1,false", "other,a", "\"number")) {
            assertThat(refused(() -> Features.of(ModelCard.of().text("features", bad))))
                    .isEqualTo("the card's features are not what card() writes: " + bad);
        }
        assertThat(refused(() -> Features.of(ModelCard.of())))
                .isEqualTo("the card tells of no features; a model gets them with export(file, features.card())");
    }

    @Test
    void whatIsWrongInARowIsToldWithItsLine() throws IOException {
        Table table = read(SHIP);
        Columns columns = Columns.of().numbers("age").label("fate");
        assertThat(refused(() -> columns.numbers("port").fit(table)))
                .isEqualTo("table.csv, line 2: column 'port' must be a finite number but is 'S'");
        assertThat(refused(() -> Columns.of().numbers("a").fit(read("a\n1e99"))))
                .isEqualTo("table.csv, line 2: column 'a' must be a finite number but is '1e99'");
        String column = "a\u001b[2J";
        assertThat(refused(() -> Columns.of().numbers(column).fit(read(column + "\n" + "9".repeat(500)))))
                .isEqualTo("table.csv, line 2: column 'a\\u001b[2J' must be a finite number but is '" + "9".repeat(80)
                        + "…'");
        for (String odd : List.of("7d", "7f", "0x1p3", "1,5", "2024-01-31", "+-1", "e", "5%", "true", "inf")) {
            assertThat(refused(() -> Columns.of().numbers("a").fit(read("a\n\"" + odd + '"'))))
                    .isEqualTo("table.csv, line 2: column 'a' must be a finite number but is '" + odd + "'");
        }
        Table ship = read(SHIP);
        assertThat(refused(() -> columns.categories("sex").fit(ship)))
                .isEqualTo("there is no column 'sex'; there are [name, age, port, fate]");
        assertThat(refused(() -> columns.categories("age"))).isEqualTo("Columns: column 'age' is named twice");
        assertThat(refused(() -> columns.numbers("a", null))).isEqualTo("numbers: a name must not be null");
        assertThat(refused(() -> Columns.of().label("fate").fit(ship)))
                .isEqualTo("fit: name columns with numbers(…) or categories(…)");
        assertThat(refused(() -> Columns.of().numbers("a").fit(read("a,b\n,1"))))
                .isEqualTo("column 'a' has no values to learn from");
        assertThat(refused(() -> columns.label("port").fit(ship)))
                .isEqualTo("table.csv, line 7: column 'port' is missing");
        Features features = columns.fit(ship.select(0, 3));
        assertThat(refused(() -> features.dataset(ship)))
                .isEqualTo("table.csv, line 3: column 'fate' is 'saved', which no training row has; there are [lost]");
        assertThat(refused(() -> features.inputs(ship.select()))).isEqualTo("the table has no rows");
        assertThat(refused(() -> Columns.of().numbers("age").fit(ship).dataset(ship)))
                .isEqualTo("dataset: the columns have no label(…) or target(…)");
        assertThat(refused(() -> Table.of(List.of("a", "b"), Stream.of(List.of(1)))))
                .isEqualTo("row 0 has 1 cells for 2 columns");
        assertThat(refused(() -> Table.of(List.of("a", "a"), Stream.of())))
                .isEqualTo("each column needs a name of its own, but they are [a, a]");
    }
}
