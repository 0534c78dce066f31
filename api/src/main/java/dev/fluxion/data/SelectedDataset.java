package dev.fluxion.data;

import dev.fluxion.ir.Given;
import java.util.Arrays;
import java.util.Objects;

/** Some samples of another data set. */
@SuppressWarnings("ArrayRecordComponent")
record SelectedDataset(Dataset all, int[] numbers) implements Dataset {
    SelectedDataset {
        for (int number : numbers) {
            Objects.checkIndex(number, all.size());
        }
    }

    @Override
    public int size() {
        return numbers.length;
    }

    @Override
    public Batch batch(int... indices) {
        return all.batch(Arrays.stream(Given.require("batch", "the numbers", indices))
                .map(i -> numbers[Objects.checkIndex(i, size())])
                .toArray());
    }

    @Override
    public String name(int index) {
        return all.name(numbers[Objects.checkIndex(index, size())]);
    }

    @Override
    public int[] labels() {
        int[] labels = all.labels();
        return Arrays.stream(numbers).map(i -> labels[i]).toArray();
    }
}
