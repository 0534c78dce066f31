package dev.fluxion.dsl;

import static org.assertj.core.api.Assertions.assertThat;

import dev.fluxion.data.Augmentations;
import dev.fluxion.data.Dataset;
import dev.fluxion.data.Sampler;
import dev.fluxion.data.SequenceDataset;
import dev.fluxion.data.Split;
import dev.fluxion.data.SyntheticDigits;
import dev.fluxion.data.Transforms;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

/** DATA.md has a row for each factory of data sets, splits, orders, augmentations and transforms, and no others. */
class DataPageTest {
    private static final Pattern CALL = Pattern.compile("`((?:\\w+\\.)?\\w+\\([\\w\\[\\], ]*\\))`");

    @Test
    void everyFactoryIsThere() throws IOException {
        Set<String> told = new TreeSet<>();
        Files.readString(Path.of("DATA.md"))
                .lines()
                .filter(line -> line.startsWith("|"))
                .forEach(line -> CALL.matcher(line).results().forEach(call -> told.add(call.group(1))));
        Set<String> all = new TreeSet<>();
        for (Class<?> type :
                List.of(Dataset.class, SequenceDataset.class, SyntheticDigits.class, Split.class, Sampler.class)) {
            Factories.of(type).forEach(factory -> all.add(type.getSimpleName() + "." + factory));
        }
        all.addAll(Factories.of(Augmentations.class));
        all.addAll(Factories.of(Transforms.class));
        told.removeIf(call -> Pattern.matches("(RandomCrop|padding|mask|MixUp|CutMix|shuffle)\\(.*", call));
        assertThat(told).isEqualTo(all);
    }
}
