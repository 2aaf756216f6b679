package bench;

import com.fasterxml.jackson.annotation.JsonIgnoreProperties;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.ObjectReader;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Properties;
import java.util.concurrent.CountDownLatch;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.common.serialization.Serde;
import org.apache.kafka.common.serialization.Serdes;
import org.apache.kafka.streams.KafkaStreams;
import org.apache.kafka.streams.StoreQueryParameters;
import org.apache.kafka.streams.StreamsBuilder;
import org.apache.kafka.streams.StreamsConfig;
import org.apache.kafka.streams.kstream.Consumed;
import org.apache.kafka.streams.kstream.Materialized;
import org.apache.kafka.streams.kstream.TimeWindows;
import org.apache.kafka.streams.state.QueryableStoreTypes;
import org.apache.kafka.streams.state.ReadOnlyWindowStore;
import org.apache.kafka.streams.state.Stores;

/** Kafka Streams: four counters in a tumbling window, an in-memory store with its changelog, no cache, one thread. */
public final class Counts {
    private static final List<String> KINDS = List.of("enqueued", "connected", "abandoned", "ended");
    private static final Duration WINDOW = Duration.ofSeconds(10);
    private static final Duration KEPT = Duration.ofDays(1);
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final ObjectReader EVENTS = JSON.readerFor(Event.class);

    private final Job job;
    private final CountDownLatch done = new CountDownLatch(1);
    private int read;

    @JsonIgnoreProperties(ignoreUnknown = true)
    record Event(String type) {}

    /** What the program is asked; see bench/peers/job.py. */
    record Job(String brokers, String topic, int partitions, int events, String name, String folder) {}

    private Counts(Job job) {
        this.job = job;
    }

    public static void main(String[] arguments) throws Exception {
        new Counts(JSON.readValue(arguments[0], Job.class)).serve();
    }

    private void serve() throws Exception {
        StreamsBuilder builder = new StreamsBuilder();
        builder.stream(job.topic(), Consumed.with(Serdes.String(), eventSerde()))
            .groupByKey()
            .windowedBy(TimeWindows.ofSizeWithNoGrace(WINDOW))
            .aggregate(
                () -> new long[KINDS.size()],
                (queue, event, counts) -> add(event, counts),
                Materialized.<String, long[]>as(Stores.inMemoryWindowStore("counts", KEPT, WINDOW, false))
                    .withKeySerde(Serdes.String())
                    .withValueSerde(countsSerde())
                    .withCachingDisabled());
        try (KafkaStreams streams = new KafkaStreams(builder.build(), settings())) {
            streams.start();
            done.await();
            answer(streams);
        }
    }

    private long[] add(Event event, long[] counts) {
        if (read == 0) {
            System.out.println("first");
        }
        counts[KINDS.indexOf(event.type())]++;
        read++;
        if (read == job.events()) {
            System.out.println("last");
            done.countDown();
        }
        return counts;
    }

    private void answer(KafkaStreams streams) throws IOException {
        ReadOnlyWindowStore<String, long[]> store =
            streams.store(StoreQueryParameters.fromNameAndType("counts", QueryableStoreTypes.windowStore()));
        StringBuilder rows = new StringBuilder();
        try (var cells = store.all()) {
            while (cells.hasNext()) {
                var cell = cells.next();
                List<Object> row = List.of(cell.key.key(), cell.key.window().start(), cell.value);
                rows.append(JSON.writeValueAsString(row)).append('\n');
            }
        }
        Files.writeString(Path.of(job.folder(), "results.jsonl"), rows);
    }

    private Properties settings() {
        Properties found = new Properties();
        found.put(StreamsConfig.APPLICATION_ID_CONFIG, job.name());
        found.put(StreamsConfig.BOOTSTRAP_SERVERS_CONFIG, job.brokers());
        found.put(StreamsConfig.STATE_DIR_CONFIG, job.folder());
        found.put(StreamsConfig.STATESTORE_CACHE_MAX_BYTES_CONFIG, 0);
        found.put(StreamsConfig.NUM_STREAM_THREADS_CONFIG, 1);
        found.put(ConsumerConfig.AUTO_OFFSET_RESET_CONFIG, "earliest");
        return found;
    }

    private static Serde<Event> eventSerde() {
        return Serdes.serdeFrom((topic, event) -> null, (topic, bytes) -> decode(bytes));
    }

    private static Event decode(byte[] bytes) {
        try {
            return EVENTS.readValue(bytes);
        } catch (IOException error) {
            throw new UncheckedIOException(error);
        }
    }

    private static Serde<long[]> countsSerde() {
        return Serdes.serdeFrom((topic, counts) -> encode(counts), (topic, bytes) -> counts(bytes));
    }

    private static byte[] encode(long[] counts) {
        if (counts == null) {
            return null;
        }
        ByteBuffer buffer = ByteBuffer.allocate(Long.BYTES * counts.length);
        for (long count : counts) {
            buffer.putLong(count);
        }
        return buffer.array();
    }

    private static long[] counts(byte[] bytes) {
        if (bytes == null) {
            return null;
        }
        ByteBuffer buffer = ByteBuffer.wrap(bytes);
        long[] found = new long[KINDS.size()];
        for (int i = 0; i < found.length; i++) {
            found[i] = buffer.getLong();
        }
        return found;
    }
}
