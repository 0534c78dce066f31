package dev.fluxion.data;

import dev.fluxion.ir.Legible;
import java.io.IOException;
import java.nio.BufferUnderflowException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * CIFAR's version for Python, as torchvision fetches it: a pickle of a dictionary with an array of bytes and lists of labels. Nothing is
 * executed: of the pickle's language only what these files need is known, and what it would call is kept as a name.
 */
final class CifarPickle {
    /** Twice the largest of these files. */
    private static final long MOST_BYTES = 320L << 20;

    private static final int MOST_VALUES = 1 << 22;
    private static final int PROTOCOL = 0x80;
    private static final String NO_ARRAY = "it has no array 'data'";
    private static final String RECONSTRUCT = "multiarray _reconstruct";

    private final ByteBuffer in;
    private final Deque<List<Object>> marks = new ArrayDeque<>();
    private final Map<Integer, Object> memo = new HashMap<>();
    private List<Object> stack = new ArrayList<>();
    private int values;

    /** Bytes where they lie in the file. */
    private record Bytes(int at, int length) {}

    /** What the pickle would call, and the state that it would set. */
    private static final class Call {
        private final Object function;
        private Object state = "";

        Call(Object function) {
            this.function = function;
        }
    }

    /** The content of a file: images one after the other, and their labels. */
    record Content(ByteBuffer pixels, List<Integer> labels) {}

    private CifarPickle(ByteBuffer in) {
        this.in = in.order(ByteOrder.LITTLE_ENDIAN);
    }

    /** Whether a file is one: the records of the binary version begin with a label. */
    static boolean is(Path file) throws IOException {
        try (var bytes = Files.newInputStream(file)) {
            return bytes.read() == PROTOCOL;
        }
    }

    /**
     * Reads a file.
     *
     * @param key the name of the labels
     * @param image the number of bytes of an image
     */
    static Content read(Path file, String key, int image) throws IOException {
        if (Files.size(file) > MOST_BYTES) {
            throw new DataFileException(file, Errors.tooManyRecords(Files.size(file)));
        }
        try {
            return new CifarPickle(ByteBuffer.wrap(Files.readAllBytes(file))).content(key, image);
        } catch (BadPickle e) {
            throw new DataFileException(file, Errors.noPickle(String.valueOf(e.getMessage())), e);
        } catch (BufferUnderflowException e) {
            throw new DataFileException(file, Errors.noPickle("it is cut short"), e);
        }
    }

    private static final class BadPickle extends RuntimeException {
        private static final long serialVersionUID = 1;

        BadPickle(String message) {
            super(message);
        }
    }

    private Content content(String key, int image) {
        if (!(run() instanceof Map<?, ?> all)) {
            throw new BadPickle("it holds no dictionary");
        }
        List<Integer> labels = new ArrayList<>();
        if (!(all.get(key) instanceof List<?> list)) {
            throw new BadPickle("it has no list '" + key + "'");
        }
        for (Object label : list) {
            if (!(label instanceof Integer number)) {
                throw new BadPickle("'" + key + "' holds something else than numbers");
            }
            labels.add(number);
        }
        List<?> state = state(all.get("data"));
        if (!(state.get(4) instanceof Bytes bytes)) {
            throw new BadPickle(NO_ARRAY);
        }
        if (!state.get(1).equals(List.of(labels.size(), image)) || bytes.length != (long) labels.size() * image) {
            throw new BadPickle("its array 'data' is not " + labels.size() + " times " + image + " bytes");
        }
        return new Content(in.slice(bytes.at, bytes.length), labels);
    }

    /** The state of an array: version, shape, type, order and bytes. */
    private static List<?> state(@Nullable Object data) {
        if (data instanceof Call call
                && call.function instanceof String name
                && name.endsWith(RECONSTRUCT)
                && call.state instanceof List<?> state
                && state.size() == 5) {
            return state;
        }
        throw new BadPickle(NO_ARRAY);
    }

    private Object run() {
        while (true) {
            int op = in.get() & 0xff;
            if (op == '.') {
                Object result = pop();
                if (in.hasRemaining() || !marks.isEmpty()) {
                    throw new BadPickle("something follows its end");
                }
                return result;
            }
            step(op);
            if (++values > MOST_VALUES) {
                throw new BadPickle("it has more than " + MOST_VALUES + " values");
            }
        }
    }

    private void step(int op) {
        switch (op) {
            case PROTOCOL -> in.get();
            case '}' -> stack.add(new LinkedHashMap<>());
            case ']', ')' -> stack.add(new ArrayList<>());
            case 'N' -> stack.add("None");
            case 0x88, 0x89 -> stack.add(op == 0x88);
            case 'K' -> stack.add(in.get() & 0xff);
            case 'M' -> stack.add(in.getShort() & 0xffff);
            case 'J' -> stack.add(in.getInt());
            case 'U' -> stack.add(text(in.get() & 0xff));
            case 'X', 'T' -> stack.add(longText());
            case 'q' -> memo.put(in.get() & 0xff, top());
            case 'r' -> memo.put(in.getInt(), top());
            case 'h' -> stack.add(kept(in.get() & 0xff));
            case 'j' -> stack.add(kept(in.getInt()));
            case 'c' -> stack.add(line() + " " + line());
            case '(' -> {
                marks.push(stack);
                stack = new ArrayList<>();
            }
            case 't' -> {
                List<Object> items = marked();
                stack.add(items);
            }
            case 0x85, 0x86, 0x87 -> tuple(op - 0x84);
            case 'a' -> appended(List.of(pop()));
            case 'e' -> appended(marked());
            case 's' -> {
                Object value = pop();
                entries(List.of(pop(), value));
            }
            case 'u' -> entries(marked());
            case 'R' -> {
                pop();
                stack.add(new Call(pop()));
            }
            case 'b' -> {
                Object state = pop();
                if (!(top() instanceof Call call)) {
                    throw new BadPickle("it sets the state of something else than an array");
                }
                call.state = state;
            }
            default -> throw new BadPickle(String.format("the opcode 0x%02x is none that these files have", op));
        }
    }

    /** The items since the last mark. */
    private List<Object> marked() {
        if (marks.isEmpty()) {
            throw new BadPickle("a mark is missing");
        }
        List<Object> items = stack;
        stack = marks.pop();
        return items;
    }

    private void tuple(int size) {
        List<Object> items = new ArrayList<>();
        for (int i = 0; i < size; i++) {
            items.add(0, pop());
        }
        stack.add(items);
    }

    @SuppressWarnings("unchecked")
    private void appended(List<Object> items) {
        if (!(top() instanceof List<?> list)) {
            throw new BadPickle("it appends to something else than a list");
        }
        ((List<Object>) list).addAll(items);
    }

    @SuppressWarnings("unchecked")
    private void entries(List<Object> items) {
        if (!(top() instanceof Map<?, ?> map) || items.size() % 2 != 0) {
            throw new BadPickle("it has entries of something else than a dictionary");
        }
        for (int i = 0; i < items.size(); i += 2) {
            if (!(items.get(i) instanceof String)) {
                throw new BadPickle("a key is no text");
            }
            ((Map<Object, Object>) map).put(items.get(i), items.get(i + 1));
        }
    }

    private Object kept(int number) {
        Object value = memo.get(number);
        if (value == null) {
            throw new BadPickle("nothing was kept as number " + number);
        }
        return value;
    }

    private Object top() {
        if (stack.isEmpty()) {
            throw new BadPickle("a value is missing");
        }
        return stack.get(stack.size() - 1);
    }

    private Object pop() {
        Object top = top();
        stack.remove(stack.size() - 1);
        return top;
    }

    /** A long text is the array, and is left where it is. */
    private Object longText() {
        int length = in.getInt();
        if (length < 0 || length > in.remaining()) {
            throw new BadPickle("it is cut short");
        }
        if (length < 1 << 8) {
            return text(length);
        }
        Bytes bytes = new Bytes(in.position(), length);
        in.position(in.position() + length);
        return bytes;
    }

    private String text(int length) {
        byte[] bytes = new byte[length];
        in.get(bytes);
        return new String(bytes, StandardCharsets.UTF_8);
    }

    private String line() {
        StringBuilder line = new StringBuilder();
        for (int c = in.get(); c != '\n'; c = in.get()) {
            line.append((char) (c & 0xff));
            if (line.length() > 1000) {
                throw new BadPickle("a line is too long");
            }
        }
        return Legible.of(line.toString());
    }
}
