package dev.fluxion.data;

import dev.fluxion.ir.Given;
import java.util.Arrays;

/** Some samples of another data set. */
@SuppressWarnings("ArrayRecordComponent")
record SelectedDataset(Dataset all, int[] numbers) implements Dataset {
    SelectedDataset {
        for (int number : numbers) {
            Given.within("select", "sample", number, all.size());
        }
    }

    @Override
    public int size() {
        return numbers.length;
    }

    @Override
    public Batch batch(int... indices) {
        return all.batch(Arrays.stream(Given.require("batch", "the numbers", indices))
                .map(i -> numbers[Given.within("batch", "sample", i, size())])
                .toArray());
    }

    @Override
    public String name(int index) {
        return all.name(numbers[Given.within("name", "sample", index, size())]);
    }

    @Override
    public int[] labels() {
        int[] labels = all.labels();
        return Arrays.stream(numbers).map(i -> labels[i]).toArray();
    }
}
