package dev.fluxion.io;

import dev.fluxion.Tensor;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** A PyTorch file that is being read: its pickle is read and checked, elements are read by tensor. */
final class TorchFile {
    private static final String PICKLE = "data.pkl";
    private static final String BYTE_ORDER = "byteorder";
    private static final String DATA = "data/";
    /** Tensors may overlap, as tied weights do; so many times the bytes of a file are read from it, and a few more. */
    private static final long MOST_OVERLAP = 64;

    private static final long FEW_BYTES = 1 << 24;

    private final Path file;
    private final FileChannel from;
    private final ZipArchive archive;
    private final String folder;
    private final ByteOrder order;
    private final Map<String, Entry> entries = new LinkedHashMap<>();

    /** A tensor and where its elements are. */
    record Entry(Description what, TorchView view) {}

    interface Reading<T> {
        T from(TorchFile file) throws IOException;
    }

    private TorchFile(Path file, FileChannel from, List<String> keys) throws IOException {
        this.file = file;
        this.from = from;
        byte[] first = first(file, from);
        if (ForeignFormat.isPickle(first)) {
            throw new TensorFileException(file, TorchErrors.oldForm());
        }
        if (!ForeignFormat.isZip(first)) {
            throw new TensorFileException(file, TorchErrors.notZip());
        }
        this.archive = new ZipArchive(file, from);
        this.folder = archive.folder();
        this.order = order();
        StateDict.of(file, pickle(), keys).forEach((name, view) -> {
            Description what = new Description(name, view.storage().type(), view.shape());
            entries.put(name, new Entry(what, view));
        });
        check();
    }

    /** Whether a file begins as PyTorch's do, in their new form or the old one. */
    static boolean is(Path file) throws TensorFileException {
        return TensorFile.open(file, channel -> {
            byte[] first = first(file, channel);
            return ForeignFormat.isTorch(first) || ForeignFormat.isPickle(first);
        });
    }

    private static byte[] first(Path file, FileChannel from) throws IOException {
        ByteBuffer buffer = ByteBuffer.allocate((int) Math.min(from.size(), ForeignFormat.BYTES));
        Channels.read(file, from, buffer, 0);
        return buffer.array();
    }

    /** Opens a file, reads from it, and closes it. */
    static <T> T read(Path file, List<String> keys, Reading<T> reading) throws TensorFileException {
        return TensorFile.open(file, channel -> reading.from(new TorchFile(file, channel, keys)));
    }

    /** The tensors in their order. */
    Map<String, Entry> entries() {
        return entries;
    }

    private ByteOrder order() throws IOException {
        if (!archive.has(folder + BYTE_ORDER)) {
            return ByteOrder.LITTLE_ENDIAN;
        }
        ByteBuffer text = ByteBuffer.allocate((int) Math.min(100, archive.bytes(folder + BYTE_ORDER)));
        Channels.read(file, from, text, archive.begin(folder + BYTE_ORDER));
        String order = new String(text.array(), StandardCharsets.UTF_8);
        if (!order.equals("little") && !order.equals("big")) {
            throw new TensorFileException(file, TorchErrors.byteOrder(order));
        }
        return order.equals("little") ? ByteOrder.LITTLE_ENDIAN : ByteOrder.BIG_ENDIAN;
    }

    private Object pickle() throws IOException {
        long bytes = archive.bytes(folder + PICKLE);
        if (bytes > Pickle.MOST_BYTES) {
            throw new TensorFileException(file, TorchErrors.pickleTooLong(bytes, Pickle.MOST_BYTES));
        }
        return Pickle.read(new PickleBytes(file, from, archive.begin(folder + PICKLE), bytes));
    }

    /** Checks that storages are as large as they say, that tensors lie in them, and what memory these take. */
    private void check() throws IOException {
        long most = FEW_BYTES + MOST_OVERLAP * from.size();
        long all = 0;
        for (Entry entry : entries.values()) {
            TorchView view = entry.view();
            TorchView.Storage storage = view.storage();
            long bytes = archive.bytes(folder + DATA + storage.key());
            if (storage.bytes().filter(expected -> expected != bytes).isPresent()) {
                throw new TensorFileException(
                        file, TorchErrors.storageSize(storage.key(), storage.type(), storage.elements(), bytes));
            }
            if (view.span() < 0) {
                throw new TensorFileException(
                        file,
                        TorchErrors.outOfStorage(
                                entry.what().name(), view.shape(), view.strides(), view.offset(), storage.elements()));
            }
            all += entry.what().problem().isEmpty() ? 4 * entry.what().elements() : 0;
            if (all > most) {
                throw new TensorFileException(file, TorchErrors.tooMuch(all, most));
            }
        }
    }

    /** Reads a tensor and checks it, but for NaN. */
    Tensor tensor(Entry entry) throws IOException {
        Elements elements = new Elements(file, entry.what());
        TorchView view = entry.view();
        int size = Type.valueOf(entry.what().type()).bytes();
        long begin = archive.begin(folder + DATA + view.storage().key()) + size * view.offset();
        ByteBuffer buffer = elements.buffer(order);
        if (!view.isEmpty()) {
            if (view.contiguous()) {
                straight(begin, size * entry.what().elements(), buffer, elements);
            } else {
                strided(begin, view, size, buffer, elements);
            }
        }
        return elements.tensor();
    }

    private void straight(long begin, long bytes, ByteBuffer buffer, Elements to) throws IOException {
        for (long done = 0; done < bytes; done += buffer.limit()) {
            buffer.clear().limit((int) Math.min(bytes - done, buffer.capacity()));
            Channels.read(file, from, buffer, begin + done);
            to.take(buffer.flip());
        }
    }

    /** Reads all from the first to the last element, and takes those that the strides lead to. */
    private void strided(long begin, TorchView view, int size, ByteBuffer buffer, Elements to) throws IOException {
        if (size * view.span() > Integer.MAX_VALUE) {
            throw new TensorFileException(file, TorchErrors.tooMuch(size * view.span(), Integer.MAX_VALUE));
        }
        ByteBuffer span = ByteBuffer.allocate((int) (size * view.span()));
        Channels.read(file, from, span, begin);
        int[] index = new int[view.shape().length];
        long at = 0;
        do {
            if (!buffer.hasRemaining()) {
                to.take(buffer);
                buffer.clear();
            }
            buffer.put(span.array(), (int) (size * at), size);
            at = next(index, at, view);
        } while (at >= 0);
        to.take(buffer.flip());
    }

    /** Goes on to the next index, the last axis first; −1 after the last one. */
    private static long next(int[] index, long at, TorchView view) {
        long moved = at;
        for (int axis = index.length - 1; axis >= 0; axis--) {
            index[axis]++;
            moved += view.strides()[axis];
            if (index[axis] < view.shape()[axis]) {
                return moved;
            }
            moved -= view.strides()[axis] * index[axis];
            index[axis] = 0;
        }
        return -1;
    }
}
