package dev.fluxion.files;

import static dev.fluxion.data.Augmentations.colorJitter;
import static dev.fluxion.data.Augmentations.crop;
import static dev.fluxion.data.Augmentations.flip;
import static dev.fluxion.dsl.layer.Layers.conv;
import static dev.fluxion.dsl.layer.Layers.embedding;
import static dev.fluxion.dsl.layer.Layers.globalAvgPool;
import static dev.fluxion.dsl.layer.Layers.layer;
import static dev.fluxion.dsl.layer.Layers.linear;
import static dev.fluxion.dsl.layer.Layers.relu;
import static dev.fluxion.dsl.loss.Losses.crossEntropy;
import static dev.fluxion.dsl.optim.Optimizers.adam;
import static dev.fluxion.dsl.train.Metrics.accuracy;
import static org.assertj.core.api.Assertions.assertThat;

import dev.fluxion.Input;
import dev.fluxion.data.DataLoader;
import dev.fluxion.data.Sampler;
import dev.fluxion.data.SequenceDataset;
import dev.fluxion.data.Split;
import dev.fluxion.dsl.layer.Seq;
import dev.fluxion.dsl.train.Model;
import dev.fluxion.dsl.train.Trainer;
import dev.fluxion.dsl.train.Vocabulary;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Random;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The programs of the page on data learn from files. */
class FiveLinesTest {
    private final Random random = new Random(1);

    @TempDir
    Path folder;

    private static double right(Model model, DataLoader test) {
        return model.evaluate(test, accuracy()).get("accuracy");
    }

    @Test
    void aFolderOfImages() throws IOException {
        for (int i = 0; i < 40; i++) {
            Path file = folder.resolve((i % 2 == 0 ? "red/" : "blue/") + i + ".png");
            Files.createDirectories(file.getParent());
            BufferedImage image = new BufferedImage(20 + random.nextInt(9), 20, BufferedImage.TYPE_INT_RGB);
            for (int p = 0; p < 20 * 20; p++) {
                image.setRGB(p % 20, p / 20, 0x404040 + (random.nextInt(0x90) << (i % 2 == 0 ? 16 : 0)));
            }
            ImageIO.write(image, "png", file.toFile());
        }
        ImageFolder photos = ImageFolder.of(folder, 16, 16); // a folder for each class
        Split split = Split.stratified(photos.labels(), 0.8, 1);
        DataLoader train =
                DataLoader.of(photos.select(split.train())).batch(8).shuffle(1).prefetch(2);
        train = train.augment(1, crop(16).padding(2), flip(), colorJitter().brightness(0.1));
        DataLoader test = DataLoader.of(photos.select(split.test())).batch(8).prefetch(2);
        try (Model model = Model.of(Seq.of(conv(4, 3), relu(), globalAvgPool(), linear(2)), 3, 16, 16)) {
            Trainer.of(crossEntropy(), adam(0.05)).epochs(8).fit(model, train);
            assertThat(right(model, test)).isEqualTo(1);
        }
    }

    @Test
    void aTable() throws IOException {
        StringBuilder text = new StringBuilder("age,fare,port,survived\n");
        for (int i = 0; i < 120; i++) {
            int age = random.nextInt(80);
            text.append(i % 9 == 0 ? "" : age).append(',').append(1000 + i).append(',');
            text.append(i % 3 == 0 ? "S" : "C").append(',').append(i % 3 == 0 ? "yes\n" : "no\n");
        }
        Path file = Files.writeString(folder.resolve("passengers.csv"), text);
        Table table = Table.read(file);
        Split split = Split.random(table.size(), 0.8, 1);
        Columns columns = Columns.of().numbers("age", "fare").categories("port").label("survived");
        Features features = columns.fit(table.select(split.train()));
        DataLoader train = DataLoader.of(features.dataset(table.select(split.train())))
                .batch(16)
                .shuffle(1);
        DataLoader test =
                DataLoader.of(features.dataset(table.select(split.test()))).batch(16);
        try (Model model = Model.of(Seq.of(features.scaler(), linear(8), relu(), linear(2)), features.width())) {
            Trainer.of(crossEntropy(), adam(0.03)).epochs(10).fit(model, train);
            assertThat(right(model, test)).isEqualTo(1);
        }
    }

    @Test
    void aFolderOfTexts() throws IOException {
        String[] words = {"bad", "dull", "poor", "good", "fine", "great", "film", "story", "the", "a"};
        for (int i = 0; i < 80; i++) {
            Path file = folder.resolve((i % 2 == 0 ? "like/" : "dislike/") + i + ".txt");
            Files.createDirectories(file.getParent());
            StringBuilder text = new StringBuilder();
            for (int n = 3 + random.nextInt(20); n > 0; n--) {
                text.append(
                        words[random.nextInt(10)].replaceAll(i % 2 == 0 ? "bad|dull|poor" : "good|fine|great", "The "));
                text.append(' ');
            }
            Files.writeString(file, text.append(i % 2 == 0 ? "good!" : "bad!"));
        }
        Texts texts = Texts.read(folder); // a folder for each class
        Split split = Split.stratified(texts.labels(), 0.8, 1);
        Vocabulary vocabulary = texts.select(split.train()).vocabulary(10_000);
        SequenceDataset known = texts.select(split.train()).ids(vocabulary, 200); // the first 200 words of each
        DataLoader train = DataLoader.of(known).batch(8).order(Sampler.byLength(1, known.lengths()));
        DataLoader test =
                DataLoader.of(texts.select(split.test()).ids(vocabulary, 200)).batch(8);
        Seq net = Seq.of(embedding(vocabulary.tokens().size(), 8), layer("mean()", (scope, x) -> x.mean(1)), linear(2));
        try (Model model = Model.of(net, Input.ints("ids", 200).varies(0, "T"))) {
            Trainer.of(crossEntropy(), adam(0.05)).epochs(12).fit(model, train);
            assertThat(right(model, test)).isGreaterThan(0.8);
        }
    }
}
