package dev.fluxion.dsl.train;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * How large a batch is, which each has programs of its own.
 *
 * @param rows the number of samples
 * @param extents the extents of samples that vary, in the order of those of the network
 */
record BatchShape(int rows, List<Integer> extents) {
    /** The extents by name. */
    Map<String, Integer> extents(Set<String> names) {
        Map<String, Integer> named = new LinkedHashMap<>();
        names.forEach(name -> named.put(name, extents.get(named.size())));
        return named;
    }

    /** The same with another number of samples. */
    BatchShape rows(int count) {
        return new BatchShape(count, extents);
    }

    /** Written out: what Java generates for records takes a new process milliseconds each. */
    @Override
    public boolean equals(@Nullable Object o) {
        return o instanceof BatchShape that && rows == that.rows && extents.equals(that.extents);
    }

    @Override
    public int hashCode() {
        return 31 * extents.hashCode() + rows;
    }
}
