//! Every unit known, with its names in both languages and how much of the base unit it is.

use super::Quantity::{
    self, Area, Data, Energy, Length, Mass, Power, Pressure, Speed, Temperature, Time, Volume,
};

/// A unit of measurement.
#[derive(Debug, PartialEq)]
pub(in crate::mind::tools) struct Unit {
    pub(super) of: Quantity,
    /// `top / bottom` base units.
    pub(super) top: i128,
    pub(super) bottom: i128,
    /// How English writes it after a number, and Chinese.
    pub(super) symbol: &'static str,
    pub(super) zh: &'static str,
    /// Every other name, small and in the singular, between bars.
    names: &'static str,
}

impl Unit {
    /// Whether this is its symbol, in exactly these cases.
    pub(super) fn has_symbol(&self, symbol: &str) -> bool {
        self.symbol == symbol || self.zh == symbol
    }

    pub(super) fn has_name(&self, name: &str) -> bool {
        self.names.split('|').any(|known| known == name)
    }

    #[cfg(test)]
    pub(super) fn names(&self) -> impl Iterator<Item = &'static str> {
        self.names.split('|').filter(|name| !name.is_empty())
    }
}

const fn unit(
    of: Quantity,
    symbol: &'static str,
    zh: &'static str,
    (top, bottom): (i128, i128),
    names: &'static str,
) -> Unit {
    Unit {
        of,
        top,
        bottom,
        symbol,
        zh,
        names,
    }
}

/// Inch and pound as defined in 1959; gallon, pint and so on are those of the United States.
pub(super) const UNITS: &[Unit] = &[
    // Metres.
    unit(Length, "m", "米", (1, 1), "m|metre|公尺"),
    unit(Length, "km", "公里", (1_000, 1), "km|kilometre|千米|k米"),
    unit(Length, "dm", "分米", (1, 10), "dm|decimetre"),
    unit(Length, "cm", "厘米", (1, 100), "cm|centimetre|公分"),
    unit(Length, "mm", "毫米", (1, 1_000), "mm|millimetre"),
    unit(
        Length,
        "µm",
        "微米",
        (1, 1_000_000),
        "um|μm|µm|micron|micrometre",
    ),
    unit(Length, "nm", "纳米", (1, 1_000_000_000), "nm|nanometre"),
    unit(Length, "in", "英寸", (254, 10_000), "in|inch|inche|\"|吋"),
    unit(
        Length,
        "ft",
        "英尺",
        (3_048, 10_000),
        "ft|foot|feet|'|尺英|呎",
    ),
    unit(Length, "yd", "码", (9_144, 10_000), "yd|yard"),
    unit(Length, "mi", "英里", (1_609_344, 1_000), "mi|mile|哩"),
    unit(
        Length,
        "nmi",
        "海里",
        (1_852, 1),
        "nmi|nautical mile|sea mile",
    ),
    unit(
        Length,
        "ly",
        "光年",
        (9_460_730_472_580_800, 1),
        "ly|light year|light-year|lightyear",
    ),
    unit(
        Length,
        "au",
        "天文单位",
        (149_597_870_700, 1),
        "au|astronomical unit",
    ),
    unit(Length, "li", "里", (500, 1), "li|华里|市里"),
    unit(Length, "zhang", "丈", (10, 3), "zhang"),
    unit(Length, "chi", "尺", (1, 3), "chi|市尺"),
    unit(Length, "cun", "寸", (1, 30), "cun|市寸"),
    // Grams.
    unit(Mass, "g", "克", (1, 1), "g|gram|gramme|gr"),
    unit(
        Mass,
        "kg",
        "公斤",
        (1_000, 1),
        "kg|kilo|kilogram|kilogramme|千克",
    ),
    unit(Mass, "mg", "毫克", (1, 1_000), "mg|milligram"),
    unit(Mass, "µg", "微克", (1, 1_000_000), "ug|μg|µg|mcg|microgram"),
    unit(Mass, "t", "吨", (1_000_000, 1), "t|tonne|metric ton|公吨"),
    unit(Mass, "lb", "磅", (45_359_237, 100_000), "lb|pound"),
    unit(Mass, "oz", "盎司", (45_359_237, 1_600_000), "oz|ounce"),
    unit(Mass, "st", "英石", (635_029_318, 100_000), "st|stone"),
    unit(
        Mass,
        "short tons",
        "短吨",
        (90_718_474, 100),
        "ton|short ton|us ton",
    ),
    unit(Mass, "ct", "克拉", (1, 5), "ct|carat"),
    unit(Mass, "jin", "斤", (500, 1), "jin|catty|市斤"),
    unit(Mass, "liang", "两", (50, 1), "liang|tael|市两"),
    // Litres.
    unit(Volume, "l", "升", (1, 1), "l|litre|公升"),
    unit(Volume, "dl", "分升", (1, 10), "dl|decilitre"),
    unit(Volume, "cl", "厘升", (1, 100), "cl|centilitre"),
    unit(Volume, "ml", "毫升", (1, 1_000), "ml|millilitre|cc"),
    unit(
        Volume,
        "m³",
        "立方米",
        (1_000, 1),
        "m3|m³|m^3|cubic metre|立方|方",
    ),
    unit(
        Volume,
        "cm³",
        "立方厘米",
        (1, 1_000),
        "cm3|cm³|cm^3|cubic centimetre",
    ),
    unit(
        Volume,
        "gal",
        "加仑",
        (3_785_411_784, 1_000_000_000),
        "gal|gallon|us gallon",
    ),
    unit(
        Volume,
        "qt",
        "夸脱",
        (946_352_946, 1_000_000_000),
        "qt|quart",
    ),
    unit(
        Volume,
        "pt",
        "品脱",
        (473_176_473, 1_000_000_000),
        "pt|pint|us pint",
    ),
    unit(
        Volume,
        "cups",
        "杯",
        (2_365_882_365, 10_000_000_000),
        "cup|us cup",
    ),
    unit(
        Volume,
        "fl oz",
        "液量盎司",
        (295_735_295_625, 10_000_000_000_000),
        "fl oz|floz|fluid ounce",
    ),
    unit(
        Volume,
        "tbsp",
        "汤匙",
        (1_478_676_478_125, 100_000_000_000_000),
        "tbsp|tablespoon|大勺",
    ),
    unit(
        Volume,
        "tsp",
        "茶匙",
        (492_892_159_375, 100_000_000_000_000),
        "tsp|teaspoon|小勺",
    ),
    unit(
        Volume,
        "UK gal",
        "英制加仑",
        (454_609, 100_000),
        "uk gallon|imperial gallon|英加仑",
    ),
    unit(
        Volume,
        "UK pt",
        "英制品脱",
        (56_826_125, 100_000_000),
        "uk pint|imperial pint",
    ),
    unit(
        Volume,
        "ft³",
        "立方英尺",
        (28_316_846_592, 1_000_000_000),
        "ft3|ft³|ft^3|cubic foot|cubic feet",
    ),
    // Kelvin; where the scale begins is added by `super`.
    unit(Temperature, "K", "开尔文", (1, 1), "k|kelvin|开"),
    unit(
        Temperature,
        "°C",
        "摄氏度",
        (1, 1),
        "c|celsius|centigrade|摄氏|度|℃|c度",
    ),
    unit(
        Temperature,
        "°F",
        "华氏度",
        (5, 9),
        "f|fahrenheit|华氏|℉|f度",
    ),
    // Metres per second.
    unit(
        Speed,
        "m/s",
        "米/秒",
        (1, 1),
        "m/s|mps|metre per second|米每秒|每秒米",
    ),
    unit(
        Speed,
        "km/h",
        "公里/小时",
        (5, 18),
        "km/h|kmh|kph|kilometre per hour|kilometre an hour|公里每小时|千米每小时|千米/小时|公里/时|千米/时",
    ),
    unit(
        Speed,
        "mph",
        "英里/小时",
        (1_397, 3_125),
        "mph|mi/h|mile per hour|mile an hour|英里每小时|英里/时",
    ),
    unit(Speed, "kn", "节", (463, 900), "kn|kt|knot"),
    unit(
        Speed,
        "ft/s",
        "英尺/秒",
        (3_048, 10_000),
        "ft/s|fps|foot per second|feet per second|英尺每秒",
    ),
    // Square metres.
    unit(
        Area,
        "m²",
        "平方米",
        (1, 1),
        "m2|m²|m^2|sqm|sq m|square metre|平米|平",
    ),
    unit(
        Area,
        "km²",
        "平方公里",
        (1_000_000, 1),
        "km2|km²|km^2|sq km|square kilometre|平方千米",
    ),
    unit(
        Area,
        "cm²",
        "平方厘米",
        (1, 10_000),
        "cm2|cm²|cm^2|sq cm|square centimetre",
    ),
    unit(Area, "ha", "公顷", (10_000, 1), "ha|hectare"),
    unit(
        Area,
        "acres",
        "英亩",
        (40_468_564_224, 10_000_000),
        "acre|ac",
    ),
    unit(
        Area,
        "ft²",
        "平方英尺",
        (9_290_304, 100_000_000),
        "ft2|ft²|ft^2|sqft|sq ft|square foot|square feet",
    ),
    unit(
        Area,
        "in²",
        "平方英寸",
        (64_516, 100_000_000),
        "in2|in²|in^2|sq in|square inch|square inche",
    ),
    unit(
        Area,
        "yd²",
        "平方码",
        (83_612_736, 100_000_000),
        "yd2|yd²|sq yd|square yard",
    ),
    unit(
        Area,
        "mi²",
        "平方英里",
        (2_589_988_110_336, 1_000_000),
        "mi2|mi²|mi^2|sq mi|square mile",
    ),
    unit(Area, "mu", "亩", (2_000, 3), "mu|市亩"),
    // Bytes.
    unit(Data, "bit", "比特", (1, 8), "bit|b位"),
    unit(Data, "B", "字节", (1, 1), "b|byte"),
    unit(Data, "kB", "kB", (1_000, 1), "千字节|kb|kilobyte"),
    unit(Data, "MB", "MB", (1_000_000, 1), "兆字节|mb|megabyte|兆"),
    unit(
        Data,
        "GB",
        "GB",
        (1_000_000_000, 1),
        "吉字节|gb|gigabyte|g字节",
    ),
    unit(
        Data,
        "TB",
        "TB",
        (1_000_000_000_000, 1),
        "太字节|tb|terabyte",
    ),
    unit(
        Data,
        "PB",
        "PB",
        (1_000_000_000_000_000, 1),
        "拍字节|pb|petabyte",
    ),
    unit(Data, "KiB", "KiB", (1 << 10, 1), "kib|kibibyte"),
    unit(Data, "MiB", "MiB", (1 << 20, 1), "mib|mebibyte"),
    unit(Data, "GiB", "GiB", (1 << 30, 1), "gib|gibibyte"),
    unit(Data, "TiB", "TiB", (1 << 40, 1), "tib|tebibyte"),
    unit(Data, "kbit", "千比特", (1_000, 8), "kbit|kilobit"),
    unit(Data, "Mbit", "兆比特", (1_000_000, 8), "mbit|megabit|Mb"),
    unit(
        Data,
        "Gbit",
        "吉比特",
        (1_000_000_000, 8),
        "gbit|gigabit|Gb",
    ),
    // Seconds. A year has 365 days here; months differ too much to be a unit.
    unit(Time, "s", "秒", (1, 1), "s|sec|second|秒钟"),
    unit(Time, "ms", "毫秒", (1, 1_000), "ms|msec|millisecond"),
    unit(Time, "µs", "微秒", (1, 1_000_000), "us|μs|µs|microsecond"),
    unit(Time, "min", "分钟", (60, 1), "min|minute|m|分"),
    unit(Time, "h", "小时", (3_600, 1), "h|hr|hour|钟头|时"),
    unit(Time, "days", "天", (86_400, 1), "d|day|日"),
    unit(Time, "weeks", "周", (604_800, 1), "w|wk|week|星期|礼拜"),
    unit(Time, "years", "年", (31_536_000, 1), "y|yr|year"),
    // Joules.
    unit(Energy, "J", "焦耳", (1, 1), "j|joule|焦"),
    unit(Energy, "kJ", "千焦", (1_000, 1), "kj|kilojoule|千焦耳"),
    unit(Energy, "mJ", "毫焦", (1, 1_000), "millijoule"),
    unit(Energy, "MJ", "兆焦", (1_000_000, 1), "mj|megajoule|兆焦耳"),
    unit(Energy, "cal", "卡路里", (4_184, 1_000), "cal|calorie|卡"),
    unit(
        Energy,
        "kcal",
        "千卡",
        (4_184, 1),
        "kcal|kilocalorie|food calorie|大卡",
    ),
    unit(Energy, "Wh", "瓦时", (3_600, 1), "wh|watt hour|watt-hour"),
    unit(
        Energy,
        "kWh",
        "千瓦时",
        (3_600_000, 1),
        "kwh|kilowatt hour|kilowatt-hour|度电",
    ),
    unit(
        Energy,
        "BTU",
        "英热单位",
        (105_505_585_262, 100_000_000),
        "btu|british thermal unit",
    ),
    unit(
        Energy,
        "eV",
        "电子伏特",
        (1_602_176_634, 10_000_000_000_000_000_000_000_000_000),
        "ev|electronvolt",
    ),
    // Watts.
    unit(Power, "W", "瓦", (1, 1), "w|watt|瓦特"),
    unit(Power, "kW", "千瓦", (1_000, 1), "kw|kilowatt"),
    unit(Power, "mW", "毫瓦", (1, 1_000), "milliwatt"),
    unit(Power, "MW", "兆瓦", (1_000_000, 1), "mw|megawatt"),
    unit(
        Power,
        "hp",
        "英制马力",
        (7_456_998_715_822_702, 10_000_000_000_000),
        "hp|horsepower",
    ),
    unit(
        Power,
        "PS",
        "马力",
        (73_549_875, 100_000),
        "ps|metric horsepower|公制马力",
    ),
    // Pascals.
    unit(Pressure, "Pa", "帕", (1, 1), "pa|pascal|帕斯卡"),
    unit(Pressure, "hPa", "百帕", (100, 1), "hpa|hectopascal"),
    unit(Pressure, "kPa", "千帕", (1_000, 1), "kpa|kilopascal"),
    unit(Pressure, "MPa", "兆帕", (1_000_000, 1), "mpa|megapascal"),
    unit(Pressure, "bar", "巴", (100_000, 1), "bar"),
    unit(Pressure, "mbar", "毫巴", (100, 1), "mbar|millibar"),
    unit(
        Pressure,
        "atm",
        "标准大气压",
        (101_325, 1),
        "atm|atmosphere|大气压|个大气压",
    ),
    unit(
        Pressure,
        "psi",
        "磅/平方英寸",
        (44_482_216_152_605, 6_451_600_000),
        "psi|pound per square inch",
    ),
    unit(
        Pressure,
        "mmHg",
        "毫米汞柱",
        (133_322_387_415, 1_000_000_000),
        "mmhg|torr|millimetre of mercury",
    ),
];
