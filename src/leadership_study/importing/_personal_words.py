"""Words that names are told by: surnames, common first names, and words that look like names and are none."""

PLAIN_SURNAMES = frozenset(
    "王李张刘陈杨赵黄吴徐孙朱胡郭林罗郑梁谢宋唐韩冯邓曹彭曾萧肖田董潘袁蔡蒋余杜叶魏程吕丁沈任姚卢傅姜崔钟谭廖"
    "范汪陆金贾夏韦邹石熊孟秦阎薛侯雷白龙段郝孔邵毛苏顾赖武康贺龚尹钱洪葛陶翟殷詹温庞樊施俞倪莫岳柯聂戚邱骆焦"
)
"""Surnames that are seldom a word before a title; what they are part of is in `BEFORE_SURNAME` and `ORDINARY`."""

SURNAMES = PLAIN_SURNAMES | frozenset(
    "周何高马许方史常乔严文万江易黎安祝左鲁章纪柳牛包毕舒项阮盛童耿辛管兰梅关申祁穆游柴尚费季严宁路甘"
)
"""Those, and surnames that are words as well."""

DOUBLE_SURNAMES = (
    "欧阳",
    "上官",
    "司马",
    "诸葛",
    "东方",
    "皇甫",
    "尉迟",
    "公孙",
    "慕容",
    "司徒",
    "令狐",
    "夏侯",
    "端木",
    "宇文",
    "长孙",
    "独孤",
    "南宫",
)

BEFORE_SURNAME = {
    "何": "任如为几奈缘有", "余": "其业剩多富残", "周": "每上下一两三四本整圆四隔", "许": "也允或准不几少",
    "程": "课过工流日教路编历", "高": "提很较更最不太身升崇", "段": "阶学片手时一", "康": "健安小",
    "顾": "照兼回不只光", "谢": "感谢致答酬", "范": "示师规模典防风", "苏": "江复", "江": "浙长黑松九",
    "张": "紧主扩一夸开几两伸慌每这那", "易": "容交不轻简贸", "钟": "分点时秒", "万": "千百几十上亿", "曾": "不未",
    "白": "明表坦洁空", "方": "地对双各多校官一家我乡大东西南北", "石": "基岩", "金": "基现资奖薪", "林": "园森造",
    "梁": "桥栋", "孙": "子", "李": "行", "王": "国帝", "陆": "大着登", "史": "历", "文": "语作外中英人论公",
    "任": "主班责信历现担上", "常": "经非日通正平时", "管": "主尽不保", "夏": "华", "田": "农", "武": "威",
    "丁": "园", "叶": "茶", "洪": "防", "唐": "荒", "施": "实设措", "贺": "祝恭", "关": "有相机无",
    "安": "平治公保", "马": "立", "温": "体气", "路": "道思", "包": "钱面书", "章": "文规", "纪": "年世",
    "项": "一各这那每事", "尚": "高时", "季": "四春秋冬", "童": "儿", "宁": "安", "费": "经学浪", "游": "旅",
    "钱": "金花", "陶": "熏",
}  # fmt: skip
"""What makes a word with the surname that follows it: 何 is none in 任何老师."""

ORDINARY = frozenset(
    """宋体 高中 高级 高一 高二 高三 高层 高效 高度 高校 高职 高年 高等 高兴 高尚 高超 高明 高水 高素 高标 高质
    高考 高位 高的 高管 任课 任何 任教 任职 任务 任命 任意 任劳 任性 许多 许可 关心 关于 关注 关系 关键 关怀
    关爱 关照 关乎 关联 安排 安全 安静 安心 安慰 安抚 安定 安稳 安装 周围 周末 周到 周一 周二 周三 周四 周五
    周日 周期 周边 周全 周密 万一 万事 余下 余地 张贴 张罗 张扬 张弛 张开 张口 张嘴 金牌 金融 金钱 金额 金属
    金色 何种 何时 何况 何处 何人 何必 何等 方便 方面 方法 方向 方案 方式 方针 方位 白天 白白 白色 马上 马虎
    马路 王牌 王者 王朝 武术 武断 武装 程序 程度 田径 田野 文化 文科 文明 文件 文字 文学 文章 文艺 文体 文献
    常年 常务 常常 常规 常用 常见 常识 常态 常设 严格 严肃 严厉 严谨 严重 严要 严明 严密 夏季 夏天 段落 段位
    顾问 顾及 顾虑 顾客 康复 康乐 孙子 孙女 温和 温暖 温馨 温柔 温度 易于 易怒 曾经 曾任 曾是 曾在 曾有 毛病
    毛笔 黄金 黄色 黄河 龙头 唐诗 唐代 陆续 陆地 胡乱 胡说 胡同 林业 林荫 林区 雷厉 雷同 雷锋 石头 石油 孔子
    孟子 陈旧 陈述 陈列 陈设 杨树 宋词 宋代 郑重 董事 戴帽 谢谢 谢绝 谢意 范围 范例 范文 范本 钱不 钱太 钱财
    钱款 贺卡 贺信 施工 施行 施展 施加 韩语 韩国 秦代 汉语 苏醒 苏格 侯选 洪水 洪亮 陶冶 陶瓷 陶行 莫名 莫非
    莫大 焦虑 焦点 焦急 樊篱 倪端 岳父 岳母 赖以 赖皮 叶子 丁香 余额 吴语 徐徐 徐缓 朱红 蒋干 曹操 程式 彭湃
    萧条 肖像 杜绝 杜甫 沈默 姜汤 钟爱 钟情 钟表 钟点 钟头 罗列 罗嗦 罗马 梁柱 郭外 李子 李树 张力 张数 刘海
    章程 章节 纪律 纪念 纪录 项目 包括 包容 包含 包办 包装 费用 费心 费力 路线 路上 路程 管理 管教 管好 管得
    管制 管控 管束 游戏 游泳 尚可 尚未 尚好 尚且 季度 季节 童年 童话 宁可 宁静 宁愿 左右 左边 辛苦 辛勤 梅花
    牛奶 牛人 毕业 毕竟 盛大 盛行 史料 史实 史学 易经 江南 江北 江河 兰花 甘心 甘愿 申请 申报 申诉 乔迁 柳树
    祝福 祝贺 祝愿 黎明 龙舟 石材 白板 白纸 单位 单一""".split()
)
"""Words of two characters that begin with a surname."""

PLACES = frozenset(
    """郑州 徐州 苏州 常州 温州 万州 杭州 金华 金昌 金山 武汉 武昌 武威 秦皇 石家 石河 江苏 江西 江门 黄冈 黄石 黄山
    黄浦 张家 张掖 李家 王家 刘家 陈家 杨家 赵家 马家 高家 胡家 周家 吴家 孙家 朱家 宋家 唐山 唐家 田家 丁家 余姚
    余杭 沈阳 沈家 宁波 宁夏 宁德 安徽 安阳 安康 安庆 安顺 梅州 梅县 汉中 白银 白城 白山 白云 文山 文昌 文登 方城
    方山 万宁 龙岩 龙口 龙泉 龙江 龙华 龙岗 陆丰 罗湖 罗田 韦庄 夏邑 夏津 曹县 曹妃 彭州 彭水 邓州 邹城 邹平 邵阳
    邵武 孟州 孟津 雷州 崔庄 蒋巷 潘集 袁州 姜堰 莫旗 岳阳 洪湖 洪山 洪泽 葛洲 施秉 施甸 顾村 康定 康保 武进 武夷
    武清 魏县 程家 贺州 贺兰 尹家 钱塘 陶家 温岭 范县 乔口 鲁山 鲁西 祁县 祁阳 柳州 牛栏 包头 兰州 兰考 路南 甘肃
    甘孜 关岭 辛集 左权 章丘 项城 舒城 纪庄 毕节 盛泽 费县 游仙 尚志 尚义 宁海 宁远""".split()
)
"""Places whose name begins with a surname."""

NO_GIVEN = frozenset(
    "的是在和与及对给让向我你他她它们这那有不也都就很把被为了着过得地要会能可以个吗呢吧啊副总老师位候但却才再"
    "又更最请问说做到从等每各该其所并或如因而且没无太真应只来去上下里间层种些，。、；：！？"
)
"""Characters that a given name in a text is hardly written with: what follows is a sentence, a school or a place."""

NO_LAST = frozenset("年级班校学段组部科课区县市省镇乡村州城园家庄店营屯沟集桥湾中小路街河山")
"""Characters that a school, a form or a place ends with, and a name hardly."""

LEADING = "找问是向给和与跟叫请谢被让对的由在了见像听"
"""What may stand before a surname that is also a word."""

GIVEN = frozenset(
    "伟芳娜秀敏静丽强磊军洋勇艳杰娟涛明超兰霞刚桂芬玲燕红梅琴萍莉婷雪慧晶妍茜倩颖琳佳嘉欣怡悦昊浩轩宇辰泽睿鹏飞龙凤英华国建志"
    "文海波峰斌鑫晓小春玉凯辉俊毅淑珍珠淼森荣福祥瑞翠莲菊莹蕾薇露瑶璐娇媛婉贞洁雅诗涵梓萱博瀚铭钧锋锐帅坤栋梁柱彪豪杭航舟"
)
"""Characters that given names are most often written with."""

USUAL_NAMES = frozenset(
    """张三 李四 王五 赵六 张伟 王伟 王芳 李伟 李娜 张敏 李静 王静 刘伟 张丽 王丽 张静 李强 张强 王强 王敏 李敏
    王磊 李军 刘洋 王勇 王艳 李娟 张勇 李杰 张杰 张磊 张艳 刘芳 陈静 李雷 李华 李明 王刚 张军 刘强 刘敏 陈伟
    杨洋 赵敏 陈芳 李芳 李丽 王娟 王杰""".split()
)
"""Names of two characters that many people bear, and those of examples."""

TRANSCRIBING = frozenset(
    "阿艾爱安巴布不达德迪丁都尔夫哈海汗赫吉加江捷卡克肯库拉莱兰勒雷丽里利林卢鲁罗洛马玛买麦曼米姆木穆纳娜尼努诺帕普奇齐琼热"
    "日茹瑞萨赛桑沙莎斯苏索塔泰坦提图吐托瓦维温沃乌西希夏谢辛雅亚扬耶伊依尤约扎兹古孜曲措顿珠旺次仁多卓嘎翰逊"
)
"""Characters that names of other languages are written with."""

AFTER_NAME = "是在来的和与也今有从现任教您你他她，。、；：！？!?,.;:（）() \t\n说让请对为就很及负担于"
"""What may follow a name."""

NO_NAME = frozenset(
    """无 没有 匿名 保密 不填 不详 不愿 不便 不知 老师 校长 教师 学生 家长 领导 同事 同志 先生 女士 主任 书记 组长
    班主任 学区长 园长 测试 本人 自己 未知 一名 一个 一位 未填 略 男 女 暂无 谢谢 学校 小学 中学 教学 语文 数学 英语
    一般 新教师 老教师 党员 副校长 a an the not no none nobody anonymous na n/a test tester teacher teachers
    headteacher head principal school schools student students male female other unknown private chinese english
    french german american british director leader leadership parent here there very really in at on from of for and
    or but is was are who that this which what my our your his her their its good great fine happy sorry glad new
    old sure also still just only both all any some every each one two first high middle primary secondary county
    district city town village office training education university college academy street road centre center
    company department committee group class grade lesson lessons mathematics maths science history physics monday
    tuesday wednesday thursday friday saturday sunday january february march april may june july august september
    october november december street likert rating development support quality effectiveness professional
    evaluation""".split()
)
"""What people write where a name is asked for, and words with a capital that are no names."""

FIRST_NAMES = frozenset(
    """James John Robert Michael William David Richard Joseph Thomas Charles Christopher Daniel Matthew Anthony Steven
    Paul Andrew Joshua Kenneth Kevin Brian George Timothy Ronald Edward Jason Jeffrey Ryan Jacob Gary Nicholas Eric
    Jonathan Stephen Larry Justin Scott Brandon Benjamin Samuel Gregory Alexander Patrick Jack Dennis Tyler Aaron
    Jose Adam Nathan Henry Peter Zachary Kyle Walter Harold Mary Patricia Jennifer Linda Elizabeth Barbara Susan
    Jessica Sarah Karen Lisa Nancy Betty Sandra Margaret Ashley Kimberly Emily Donna Michelle Carol Amanda Melissa
    Deborah Stephanie Dorothy Rebecca Sharon Laura Cynthia Amy Kathleen Angela Shirley Brenda Emma Anna Pamela
    Nicole Samantha Katherine Christine Helen Debra Rachel Carolyn Janet Maria Catherine Heather Diane Olivia Julie
    Joyce Victoria Ruth Kelly Lauren Jane Hans Klaus Pierre Jean Juan Carlos Luis Ahmed Mohammed Muhammad Fatima
    Ivan Olga Tom Tim Jim Bob Mike Steve Alice Kate Ann Anne Martin Simon Philip Alan Ian Neil""".split()
)  # fmt: skip
"""Common first names that are no words of English."""

NO_PINYIN = frozenset(
    "su zhou,lin yi,xu zhou,zheng zhou,han dan,han zhou,hu bei,hu nan,hai nan,he nan,he bei,jiang su,jiang xi,ma jiang,"
    "jia you,jia zhang,jiao shi,du shu,yu wen,gao kao,gao zhong,shi fan,shi nan,shi bei,shi jian,tan lun,fu dao,"
    "yu yan,wu yi,he fei,he ze,lu xun,li cang,song jiang,yang zhou,fu zhou,cheng du,shao xing,xia men,xu hui,qian men,"
    "tang shan,tian jin,dong ying,dong guan,huang dao,huang pu,yang pu,meng zi,kong zi,li shi,li fa,fang fa,hu dong,"
    "long he,gao xiao,gao ji,tai ji,tai shan,xiao xue,xiao zhang,xie xie,cao chang,jia ting,shi yan".split(",")
)
"""Two syllables in Latin letters that are a place, a subject or a word and hardly a name."""

PINYIN_SURNAMES = frozenset(
    """Wang Li Zhang Liu Chen Yang Zhao Huang Zhou Wu Xu Sun Zhu Hu Guo Lin Luo Liang Zheng Xie Tang Feng Deng Cao Peng
    Zeng Xiao Tian Dong Yuan Cai Jiang Yu Du Ye Cheng Wei Su Lu Ding Ren Lyu Yao Shen Zhong Cui Tan Fan Qin Xue Shao
    Hou Meng Han He Gao Ma Zou Xiong Qian Kong Bai Mao Shi Jia Xia Qiu Fu Fang Song""".split()
)
"""Common Chinese surnames in Latin letters."""
