package dev.fluxion.dsl.train;

import dev.fluxion.data.DataLoader;
import dev.fluxion.data.Sampler;
import dev.fluxion.dsl.internal.Text;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.stream.Collectors;

/** What a training is of and where it runs, as texts for its checkpoints. */
final class Setting {
    private static final String DATA = "configuration.data";

    private Setting() {}

    static Map<String, String> of(Trainer how, Model model, DataLoader data) {
        Map<String, String> texts = new LinkedHashMap<>();
        texts.put("configuration.network", model.network().structure().toString());
        texts.put("configuration.loss", Text.of(how.loss()));
        texts.put("configuration.optimizer", Text.of(how.optimizer()));
        texts.put("configuration.schedule", Text.of(how.schedule()));
        texts.put(DATA, data(data));
        texts.putAll(Environment.texts());
        texts.put("environment.threads", Integer.toString(model.options().threads()));
        return texts;
    }

    private static String data(DataLoader data) {
        return data.dataset().size() + " samples in batches of " + data.batch()
                + (data.order().equals(Sampler.inOrder()) ? "" : ", " + Text.of(data.order()))
                + (data.dropLast() ? ", without a smaller last one" : "")
                + (data.augmentations().isEmpty()
                        ? ""
                        : ", augmented with seed " + data.seed() + ": " + augmentations(data));
    }

    private static String augmentations(DataLoader data) {
        return data.augmentations().stream().map(Text::of).collect(Collectors.joining(", "));
    }

    /** Requires that the rest of an epoch is that of the epoch that was begun. */
    static void requireSameData(Checkpoint start, DataLoader data) {
        String before = start.texts().getOrDefault(DATA, data(data));
        if (start.state().progress().batches() > 0 && !before.equals(data(data))) {
            throw new IllegalArgumentException(FileErrors.otherData(before, data(data)));
        }
    }
}
