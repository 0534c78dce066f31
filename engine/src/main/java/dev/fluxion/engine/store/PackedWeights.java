package dev.fluxion.engine.store;

import dev.fluxion.engine.plan.Step;
import dev.fluxion.ffi.Memory;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * The packed weights of a model: each form once, for all programs that need it, renewed by the first that runs after the
 * parameters have changed, and freed when the last of them is closed.
 */
public final class PackedWeights {
    private final Map<PackedForm, Entry> entries = new HashMap<>();

    /** A form and its memory. */
    private static final class Entry {
        private final Memory memory;
        private int users;
        private long version = -1;

        Entry(Memory memory) {
            this.memory = memory;
        }
    }

    /** A program's share in a form. It refers to nothing of the program. */
    public final class Share implements AutoCloseable {
        private final PackedForm form;
        private final Entry entry;

        private Share(PackedForm form, Entry entry) {
            this.form = form;
            this.entry = entry;
        }

        Memory memory() {
            return entry.memory;
        }

        @Override
        public void close() {
            release(form, entry);
        }
    }

    /** Bound steps that make some forms; those that make none belong to one program. */
    public static final class Group {
        private final Step.Kernel[] kernels;
        private final Share[] shares;

        public Group(List<Step.Kernel> kernels, List<Share> shares) {
            this.kernels = kernels.toArray(new Step.Kernel[0]);
            this.shares = shares.toArray(new Share[0]);
        }

        private boolean isOf(long version) {
            for (Share share : shares) {
                if (share.entry.version != version) {
                    return false;
                }
            }
            return shares.length > 0;
        }

        private void make(long version) {
            for (Step.Kernel kernel : kernels) {
                kernel.run();
            }
            for (Share share : shares) {
                share.entry.version = version;
            }
        }
    }

    /** A share in a form, whose memory is allocated if nobody else has one. */
    public synchronized Share share(PackedForm form) {
        Entry entry = entries.computeIfAbsent(
                form, f -> new Entry(Memory.allocate(f.layout().bytes())));
        entry.users++;
        return new Share(form, entry);
    }

    private synchronized void release(PackedForm form, Entry entry) {
        entry.users--;
        if (entry.users == 0) {
            entries.remove(form);
            entry.memory.close();
        }
    }

    /** The bytes of all forms. */
    public synchronized long bytes() {
        return entries.values().stream().mapToLong(e -> e.memory.bytes()).sum();
    }

    /**
     * Makes the forms that are not those of the parameters' version, while nobody changes the parameters. What a form is
     * made of comes before it.
     */
    public synchronized void renew(Group[] groups, long version) {
        for (Group group : groups) {
            if (!group.isOf(version)) {
                group.make(version);
            }
        }
    }
}
